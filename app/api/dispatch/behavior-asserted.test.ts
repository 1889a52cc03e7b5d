import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { openedHost } from "../../host/host.fixture.ts";
import { benchResult } from "../../protocol/behavior/bench.fixture.ts";
import type { Trust } from "../../protocol/identity/trust-statement.ts";
import { generateSigner, type Signer } from "../../protocol/jose/keys.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { enrolledOperator } from "./operator.fixture.ts";

type Opened = Awaited<ReturnType<typeof openedHost>>;
const nowS = (): number => Math.floor(Date.now() / 1000);
const VERIFIER = "spiffe://ops.example/verifier";
const THEIRS = "spiffe://ops.example/agent/executor";
const OURS = "spiffe://console.local/agent/builder";
const LATER_S = nowS() + 86_400;

/** The code of a refusal; "accepted" where there is none. */
const codeOf = (answer: Promise<unknown>): Promise<unknown> =>
  answer.then(
    () => "accepted",
    (error: { data?: { code?: string } }) => error.data?.code,
  );

async function opened(ports: Parameters<typeof openedHost>[0] = {}) {
  const open = await openedHost(ports);
  const alice = await enrolledOperator(open.client);
  const theirs = await generateSigner();
  const says = async (
    what: { readonly trust: Trust } | { readonly ends: string },
    { subject, signer }: Pick<typeof alice, "subject" | "signer"> = alice,
  ) => {
    const claims = { iss: subject, aud: [open.host.engine.ids.logId], iat: nowS(), exp: nowS() + 120, jti: v4() };
    const as = { role: "safety_officer", auth_time: nowS(), amr: ["swk", "user"], reason: "Agreed with them" };
    return open.client.identity.stateTrust({
      token: await signToken("trust-statement+jwt", { ...claims, ...as, ...what }, signer),
    });
  };
  const pin = (change: object = {}): { trust: Trust } => ({
    trust: {
      ...{ kind: "verifier", subject: VERIFIER, keys: [theirs.jwk], about: ["ops.example"], not_after: LATER_S },
      ...change,
    },
  });
  return { ...open, alice, theirs, says, pin };
}

const appraisal = (subject: string, change: object = {}) => ({
  "ear.status": "warning",
  "agent.behavior": {
    ...{ subject, profile: { profile_id: "executor-prod", version: 3, hash: "A".repeat(43) }, verdict: "drifting" },
    ...{ compliance: 0.97, drift: 0.2, trust: 0.5, bets: [], window: { from: 1, to: 61 }, reasons: [] },
  },
  ...change,
});

const ear = (open: Pick<Opened, "host">, signer: Signer, submods: object, change: object = {}) =>
  signToken(
    "ear+jwt",
    {
      ...{ iss: VERIFIER, aud: [open.host.engine.ids.logId], iat: nowS(), exp: nowS() + 3600, jti: v4() },
      eat_profile: "tag:github.com,2023:veraison/ear",
      "ear.verifier-id": { developer: "Signalbox", build: "1" },
      submods,
      ...change,
    },
    signer,
  );

describe("a verifier of another domain", () => {
  it("[BEH-27] [BEH-67] [BEH-S4] is heard once it is pinned, about agents of its domain alone, as what it asserts, until its pin ends", async () => {
    const storage = createMemoryStorage();
    const open = await opened({ storage });
    const { client, says, pin, theirs } = open;
    const brought = async (token: Promise<string> | string) =>
      codeOf(client.behavior.submitEvidence({ token: await token }));
    const about = (subject: string, change: object = {}) =>
      ear(open, theirs.signer, { agent: appraisal(subject) }, change);

    expect(await brought(about(THEIRS))).toBe("token_key_unknown");
    const { jti } = await says(pin());
    const first = await about(THEIRS);
    expect(await brought(first)).toBe("accepted");
    expect(await brought(first)).toBe("token_replayed");

    // Nothing of it is a verdict of this domain, and nobody here is an agent because another says so.
    const { results, verifiers } = await client.behavior.asserted();
    expect(results).toMatchObject([
      {
        ...{ by: VERIFIER, domain: "ops.example", subject: THEIRS },
        said: { typ: "ear", status: "warning", verdict: "drifting", compliance: 0.97 },
        pin: { jti, until: LATER_S, endedSeq: null },
      },
    ]);
    expect(verifiers).toMatchObject([{ subject: VERIFIER, about: ["ops.example"], until: LATER_S }]);
    expect((await client.behavior.fleet()).agents).toEqual([]);

    // An adversary's verifier does not speak about agents here, nor about a third domain's, nor of nobody.
    expect(await brought(about(OURS))).toBe("ear_out_of_scope");
    expect(await brought(about("spiffe://CONSOLE.LOCAL/agent/builder"))).toBe("ear_out_of_scope");
    expect(await brought(about("spiffe://third.example/agent/x"))).toBe("ear_out_of_scope");
    const both = { a: appraisal(THEIRS), b: appraisal(OURS) };
    expect(await brought(ear(open, theirs.signer, both))).toBe("ear_out_of_scope");
    expect(await brought(ear(open, theirs.signer, { a: { "ear.status": "none" } }))).toBe("ear_out_of_scope");
    // Nor does it call good what it says is not.
    const softer = { a: appraisal(THEIRS, { "ear.status": "affirming" }) };
    expect(await brought(ear(open, theirs.signer, softer))).toBe("ear_contradicts");
    const vector = { a: appraisal(THEIRS, { "ear.trustworthiness-vector": { executables: 99 } }) };
    expect(await brought(ear(open, theirs.signer, vector))).toBe("ear_contradicts");
    // The id of a result that is in the log says nothing of who carries it.
    const own = await open.host.engine.read((state) => state.behavior.asserted.get(THEIRS)?.[0]?.jti);
    expect(await brought(about(THEIRS, { jti: own }))).toBe("token_replayed");
    // In the name of the verifier of this domain it signs nothing, and its key is good for results alone.
    const ours = ear(open, theirs.signer, { agent: appraisal(OURS) }, { iss: "spiffe://console.local/verifier" });
    expect(await brought(ours)).toBe("token_issuer_mismatch");
    const order = { iss: VERIFIER, aud: [open.host.engine.ids.logId], iat: nowS(), exp: nowS() + 60, jti: v4() };
    const stop = await open.host.engine.receive(
      await signToken(
        "behavior-order+jwt",
        {
          ...{ ...order, agent: OURS, order: "quarantine", reason: "because", role: "operator" },
          ...{ auth_time: nowS(), amr: ["x"] },
        },
        theirs.signer,
      ),
    );
    expect(stop.ok ? "taken" : stop.error.code).toBe("token_key_restricted");

    await says({ ends: jti });
    expect(await brought(about(THEIRS))).toBe("ear_verifier_not_pinned");
    const after = await client.behavior.asserted();
    expect(after.verifiers).toEqual([]);
    expect(after.results).toMatchObject([{ subject: THEIRS, pin: { endedSeq: expect.any(Number) } }]);
    await open.host.engine.issueHead();
    open.host.close();

    // The log brings the keys itself: it verifies from its bytes alone, also after the end.
    const again = await openedHost({ storage });
    expect((await again.host.integrity.verify()).firstBad).toBeNull();
    expect((await again.client.behavior.asserted()).results).toEqual(after.results);
    again.host.close();
  });

  it("[BEH-67] a pin is of another domain's verifier, about others' agents, by keys that are nobody else's, for a year at most", async () => {
    const { client, host, says, pin, alice, theirs } = await opened();
    const bob = await enrolledOperator(client, "Bob", ["auditor", "operator"]);
    const other = await generateSigner("ES256");
    const refused = async (change: object): Promise<unknown> => codeOf(says(pin(change)));
    expect(await codeOf(says(pin(), bob))).toBe("role_unauthorized");
    expect(await refused({ about: ["ops.example", "console.local"] })).toBe("trust_own_domain");
    expect(await refused({ subject: "spiffe://console.local/verifier" })).toBe("trust_own_domain");
    expect(await refused({ subject: "spiffe://ops.example/human/eve" })).toBe("trust_malformed");
    expect(await refused({ not_after: nowS() - 1 })).toBe("trust_expiry");
    expect(await refused({ not_after: nowS() + 400 * 86_400 })).toBe("trust_expiry");
    expect(await refused({ keys: [{ ...theirs.jwk, kid: "k1" }] })).toBe("trust_malformed");
    const enrolled = await host.engine.read((state) => state.keys.get(alice.signer.kid)?.jwk);
    expect(await refused({ keys: [enrolled] })).toBe("trust_key_taken");
    expect(await refused({})).toBe("accepted");
    expect(await refused({ keys: [other.jwk] })).toBe("trust_known");
    expect(await refused({ subject: "spiffe://ops.example/second" })).toBe("trust_key_taken");
    host.close();
  });

  it("[BEH-27] [BEH-67] [BEH-45] gives results of benchmarks of its agents, which end no benchmark here", async () => {
    const open = await opened();
    const { client, says, pin, theirs } = open;
    const brought = async (change: object) => {
      const claims = { ...benchResult(), iss: VERIFIER, subject: "spiffe://ops.example/agents", jti: v4(), ...change };
      const token = await signToken("bench-result+jwt", claims, theirs.signer);
      return codeOf(client.behavior.submitEvidence({ token }));
    };
    await says(pin());
    const jti = v4();
    expect(await brought({ jti })).toBe("accepted");
    expect(await brought({ jti })).toBe("token_replayed");
    expect(await brought({ subject: "spiffe://console.local/agents" })).toBe("bench_out_of_scope");
    expect(await brought({ failed: 99 })).toBe("bench_contradicts");
    expect(await brought({ iat: LATER_S + 1 })).toBe("token_not_yet_valid");
    const { results } = await client.behavior.asserted();
    expect(results).toMatchObject([{ said: { typ: "bench", benchId: "small-run", score: 75, held: null } }]);
    expect((await client.benchmark.list()).benchmarks).toEqual([]);
    open.host.close();
  });

  it("[BEH-67] fills its own place in what is known here and nobody else's", async () => {
    const open = await opened();
    const { client, says, pin, theirs } = open;
    const third = await generateSigner();
    const other = { iss: "spiffe://third.example/verifier", signer: third.signer };
    await says(pin());
    await says(pin({ subject: other.iss, keys: [third.jwk] }));
    const { host } = open;
    const brought = async ({ iss, signer }: typeof other, about: string) =>
      codeOf(client.behavior.submitEvidence({ token: await ear(open, signer, { a: appraisal(about) }, { iss }) }));
    const known = (about: string) =>
      host.engine.read((state) => (state.behavior.asserted.get(about) ?? []).map(({ iss }) => iss));
    const first = { iss: VERIFIER, signer: theirs.signer };
    expect(await brought(other, THEIRS)).toBe("accepted");
    for (let n = 0; n < 10; n += 1) expect(await brought(first, THEIRS)).toBe("accepted");
    expect(await known(THEIRS)).toEqual([other.iss, ...Array.from({ length: 8 }, () => VERIFIER)]);
    // As if it had spoken of very many.
    await host.engine.read((state) => {
      const note = must(state.behavior.asserted.get(THEIRS)?.at(-1), "it has just come");
      for (let n = 1; n < 1000; n += 1) state.behavior.asserted.set(`spiffe://ops.example/agent/a${n}`, [note]);
    });
    expect(await brought(first, THEIRS)).toBe("accepted");
    expect(await brought(first, "spiffe://ops.example/agent/one-more")).toBe("ear_limit");
    expect(await brought(other, "spiffe://ops.example/agent/one-more")).toBe("accepted");
    host.close();
  });
});
