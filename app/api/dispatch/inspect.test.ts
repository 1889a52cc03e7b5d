import { v4 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import { openedHost } from "../../host/host.fixture.ts";
import type { AcpClaims } from "../../protocol/acp/claims.ts";
import { generateSigner } from "../../protocol/jose/keys.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import type { Inspected } from "../contract/inspect.ts";
import { enrolledOperator, smallRun, until } from "./operator.fixture.ts";

type Opened = Awaited<ReturnType<typeof openedHost>>;

/** "D2.7 failed", for the first step that concerns the token and did not pass; "passed" when all did. */
const ending = ({ steps }: Pick<Inspected, "steps">): string => {
  const failed = steps.find((step) => step.result !== "passed" && step.result !== "not_applicable");
  return failed === undefined ? "passed" : `${failed.procedure}.${failed.step} ${failed.code ?? failed.result}`;
};
const segment = (value: unknown): string => toBase64url(utf8(JSON.stringify(value)));

describe("audit.inspect", () => {
  let opened: Opened;
  let alice: Awaited<ReturnType<typeof enrolledOperator>>;
  let wid: string;
  beforeAll(async () => {
    opened = await openedHost();
    const { client } = opened;
    alice = await enrolledOperator(client);
    ({ wid } = await alice.start(smallRun()));
    const row = await until(client, async () => (await client.gate.queue({ wid, state: "pending" })).rows[0] ?? null);
    await alice.decide(row.request, "approve");
    await until(client, async () =>
      (await client.workflow.get({ wid })).workflow.status === "finished" ? true : null,
    );
  });
  afterAll(() => opened.host.close());

  const inspect = (input: Parameters<Opened["client"]["audit"]["inspect"]>[0]) => opened.client.audit.inspect(input);
  const first = async (typ: string): Promise<Inspected & { token: string; entry: NonNullable<Inspected["entry"]> }> => {
    const { rows } = await opened.client.audit.entries({ typ, order: "oldest", limit: 1 });
    const seen = await inspect({ seq: must(rows[0], typ).seq });
    return { ...seen, token: must(seen.token, "its token"), entry: must(seen.entry, "its entry") };
  };

  it("[COM-2] [INV-4] every token of a log passes every step as of its receipt, whichever its type", async () => {
    const { rows } = await opened.client.audit.entries({ order: "oldest", limit: 1000 });
    const typs = new Set<string>();
    for (const { seq, typ } of rows) {
      const seen = await inspect({ seq });
      typs.add(typ);
      expect([typ, ending(seen), seen.asOf, seen.isKnown]).toEqual([typ, "passed", "receipt", true]);
      expect(seen.steps.map(({ procedure }) => procedure)[0]).toBe(typ === "exec+jwt" ? "D1" : "CTV");
    }
    expect(typs.size).toBeGreaterThanOrEqual(7);
  });

  it("[COM-2] [COM-3] a short-lived token is expired now and valid as of its time, in the log or not", async () => {
    const logged = await first("intent+jwt");
    const exp = Number(logged.claims.exp);
    expect(ending(await inspect({ token: logged.token, at: exp + 60 }))).toBe("CTV.12 token_expired");
    expect(ending(await inspect({ seq: logged.entry.seq, at: exp + 29 }))).toBe("passed");
    // Another token of the same key, which the log has never seen.
    const token = await alice.signal("stop", { kind: "domain", id: "console.local" });
    const seen = await inspect({ token });
    expect([seen.entry, seen.asOf, ending(seen)]).toEqual([null, "now", "passed"]);
    const later = await inspect({ token, at: Number(seen.claims.exp) + 31 });
    expect([later.asOf, ending(later)]).toEqual(["given", "CTV.12 token_expired"]);
  });

  it("[COM-1] [ECT-S1] names the step at which a changed or foreign token fails", async () => {
    const { token, claims } = await first("exec+jwt");
    const tampered = `${token.slice(0, -8)}AAAAAAAA`;
    expect(ending(await inspect({ token: tampered }))).toBe("D2.7 ect_signature_invalid");
    const { signer } = await generateSigner();
    expect(ending(await inspect({ token: await signToken("exec+jwt", claims, signer) }))).toBe("D2.5 ect_key_unknown");
    expect(ending(await inspect({ token: await signToken("record+jwt", claims, signer) }))).toBe(
      "CTV.6 token_key_unknown",
    );
    const foreign = await inspect({ token: await signToken("vote+jwt", claims, signer) });
    expect([ending(foreign), foreign.isKnown, foreign.typ]).toEqual(["CTV.4 token_wrong_type", false, "vote+jwt"]);
    const { header, payload } = { header: { alg: "none", typ: "acp+jwt" }, payload: {} };
    expect(ending(await inspect({ token: `${segment(header)}.${segment(payload)}.AA` }))).toBe(
      "CTV.5 token_alg_forbidden",
    );
    for (const [text, answer] of [
      ["hello", "CTV.2 token_malformed"],
      ["", "CTV.2 token_malformed"],
      ["a".repeat(16_385), "CTV.1 token_too_large"],
      [`${segment([])}.${segment({})}.AA`, "CTV.3 token_malformed"],
    ] as const) {
      const seen = await inspect({ token: text });
      expect([ending(seen), seen.header, seen.claims, seen.names, seen.typ]).toEqual([answer, {}, {}, [], null]);
    }
  });

  it("[INV-4] a step that had nothing to check says so", async () => {
    const detailsOf = ({ steps }: Inspected) =>
      steps.flatMap(({ procedure, step, detail }) => (detail === undefined ? [] : [`${procedure}.${step} ${detail}`]));
    expect(detailsOf(await first("exec+jwt"))).toEqual(["D2.1 nothing came along with it"]);
    expect(detailsOf(await first("record+jwt"))).toEqual([
      "CTV.11 a token of this type is addressed to nobody",
      "CTV.12 a token of this type has no end",
    ]);
    expect(detailsOf(await first("intent+jwt"))).toEqual([]);
  });

  it("[COM-7] another token under an id that is used is a replay; the used one itself is not", async () => {
    const { token, claims } = await first("hitl-decision+jwt");
    expect(ending(await inspect({ token }))).toBe("passed");
    const again = await signToken("hitl-decision+jwt", { ...claims, reason: "another" }, alice.signer);
    expect(ending(await inspect({ token: again, at: Number(claims.iat) }))).toBe("CTV.13 token_replayed");
    const ect = await first("exec+jwt");
    const enrolled = await signToken("exec+jwt", { ...ect.claims, exp: Number(ect.claims.exp) + 1 }, alice.signer);
    const replayed = await inspect({ token: enrolled, at: Number(ect.claims.iat) });
    expect(ending(replayed)).toBe("D2.15 ect_replayed");
  });

  it("[ACP-8] a policy that verifies and is none is told by P1", async () => {
    const { claims } = await first("acp+jwt");
    const nodes = (claims.dag as { nodes: object[] }).nodes;
    const widened = {
      ...claims,
      jti: v4(),
      dag: { ...(claims.dag as object), nodes: [{ ...nodes[0], delegable: false }, ...nodes.slice(1)] },
    };
    const seen = await inspect({ token: await signToken("acp+jwt", widened, alice.signer), at: Number(claims.iat) });
    expect(ending(seen)).toBe("P1.6 acp_not_delegable");
    expect(seen.steps.filter(({ procedure }) => procedure === "CTV")).toHaveLength(13);
  });

  it("[ACP-1] [ACP-8] [ACP-19] [INV-4] tells P1 step by step: not concerned and not checked are no pass", async () => {
    const policy = await first("acp+jwt");
    const p1 = ({ steps }: Inspected): string[] =>
      steps.filter(({ procedure }) => procedure === "P1").map(({ step, result }) => `${step} ${result}`);
    expect(p1(policy)).toEqual([
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((step) => `${step} passed`),
      "9 not_applicable",
      "10 passed",
      "11 not_applicable",
    ]);
    const claims = policy.claims as unknown as AcpClaims; // It is in the log, so it has a policy's shape.
    const at = claims.iat;
    const child = must(claims.dag.edges[0], "an edge of the root").to;
    const derived = {
      ...claims,
      iss: claims.sub,
      sub: must(claims.dag.nodes.find(({ id }) => id === child)?.agent, "its agent"),
      jti: v4(),
      parent: { jti: claims.jti, hash: policy.digest },
      act: { sub: claims.sub },
      dag: { ...claims.dag, self: child },
      cnf: { jkt: policy.digest },
    };
    const seen = async (change: object) =>
      inspect({ token: await signToken("acp+jwt", { ...derived, jti: v4(), ...change }, alice.signer), at });
    expect(p1(await seen({})).slice(8)).toEqual(["9 passed", "10 passed", "11 not_checked"]);
    const orphan = await seen({ parent: { jti: v4(), hash: policy.digest } });
    expect(p1(orphan).slice(8)).toEqual(["9 not_checked", "10 not_checked", "11 not_checked"]);
    expect(ending(orphan)).toBe("P1.9 acp_parent_missing");
    expect(ending(await seen({ exp: claims.exp + 1 }))).toBe("P1.9 acp_widening");
    expect(
      p1(await inspect({ token: await signToken("acp+jwt", { ...claims, jti: v4() }, alice.signer), at })),
    ).toContain("10 not_checked");
    const unverified = await inspect({ seq: policy.entry.seq, at: claims.exp + 60 });
    expect(p1(unverified)).toEqual([
      "1 failed",
      ...[2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((step) => `${step} not_reached`),
    ]);
    expect(ending(unverified)).toBe("CTV.12 token_expired");
  });

  it("shows what a token names and what names it", async () => {
    const policy = await first("acp+jwt");
    expect(policy.namedBy.some(({ rel, entry }) => rel === "policy" && entry.typ === "intent+jwt")).toBe(true);
    expect(policy.isNamedByAll).toBe(true);
    const { rows } = await opened.client.audit.entries({ typ: "exec+jwt", action: "build_site", order: "oldest" });
    const build = await inspect({ seq: must(rows[0], "a build").seq });
    const rels = build.namedBy.map(({ rel, entry }) => `${entry.typ} ${rel}`);
    expect(rels).toContain("intent+jwt task");
    expect(rels).toContain("exec+jwt predecessor");
    const next = await inspect({ seq: must(rows[1], "the next build").seq });
    expect(next.names).toContainEqual(
      expect.objectContaining({ rel: "predecessor", entry: expect.objectContaining({ seq: rows[0]?.seq }) }),
    );
    expect(next.key?.subject).toBe(next.claims.iss);
  });

  it("[ACP-19] [COM-2] a policy that was revoked later held at its receipt, and does not hold now", async () => {
    const policy = await first("acp+jwt");
    await alice.revoke({ jti: String(policy.claims.jti), hash: policy.digest });
    const revokedStep = ({ steps }: Inspected) =>
      steps.find(({ procedure, step }) => procedure === "P1" && step === 10);
    expect(revokedStep(await inspect({ seq: policy.entry.seq }))).toMatchObject({
      result: "passed",
      detail: expect.stringContaining("was revoked later"),
    });
    const now = Math.floor(Date.now() / 1000) + 1;
    expect(ending(await inspect({ seq: policy.entry.seq, at: now }))).toBe("P1.10 acp_revoked");
  });
});
