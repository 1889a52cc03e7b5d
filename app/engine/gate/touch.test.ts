import { v4 } from "uuid";
import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import type { Touched } from "../../protocol/acp/touch.ts";
import { readPasskey } from "../../protocol/identity/assertion.ts";
import { createSha256 } from "../../protocol/jose/hasher.ts";
import { generateSigner } from "../../protocol/jose/keys.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { type Bench, startedWorkflow } from "../engine.fixture.ts";
import { challengeOf, type Misuse, softPasskey } from "./passkey.fixture.ts";

const START_S = 1_772_064_000;
const VIEW = "V".repeat(43);
const OTHER = "O".repeat(43);

/** A deployment, which cannot be undone, waits for an operator for ten minutes. */
async function waiting() {
  const bench = await startedWorkflow(START_S, (policy) => ({
    ...policy,
    hitl: { ...policy.hitl, rules: policy.hitl.rules.map((rule) => ({ ...rule, timeout_s: 600 })) },
  }));
  const task = bench.task("deploy");
  await bench.submit(await bench.intent(task, "deploy_site"));
  bench.clock.advance(10);
  const asked = await bench.submit(await bench.request(task, "deploy_site"));
  must(asked.ok ? asked : null, JSON.stringify(asked));
  const gate = await bench.engine.read((state) => must([...state.gates.values()][0], "a gate"));
  const request = { jti: gate.request, hash: gate.hash };
  return { bench, request, openedAt: gate.openedAt };
}

type Waiting = Awaited<ReturnType<typeof waiting>>;

const codeOf = (result: { ok: boolean; error?: { code: string } }): string =>
  result.ok ? "accepted" : (result.error?.code ?? "");
const nowS = (bench: Bench): number => Math.floor(bench.clock.nowMs() / 1000);

/** Bob, whose key is enrolled with a passkey before it, and what he signs. */
async function withPasskey({ bench, request }: Waiting) {
  const passkey = await softPasskey();
  const { id, signer: earlier } = await bench.person("bob", ["operator"]);
  const { signer, jwk } = await generateSigner();
  const enrolled = await bench.engine.submit({
    kind: "enrol",
    subject: id,
    name: "bob",
    jwk,
    kid: signer.kid,
    lifetimeS: 86_400,
    replaces: earlier.kid,
    passkey: passkey.enrolled,
  });
  must(enrolled.ok ? enrolled : null, JSON.stringify(enrolled));
  const { exec_act, inp_hash, args_hash } = await bench.engine.read(
    (state) => must(state.gates.get(request.jti), "a gate").claims.task,
  );
  const decide = async (outcome: string, change: object) =>
    bench.submit(
      await signToken(
        "hitl-decision+jwt",
        {
          iss: id,
          aud: ["spiffe://console.local/pep"],
          iat: nowS(bench),
          exp: nowS(bench) + 300,
          jti: v4(),
          wid: bench.wid,
          request,
          outcome,
          role: "operator",
          auth_time: nowS(bench),
          amr: ["hwk", "user"],
          reason: "checked",
          bind: { exec_act, inp_hash, args_hash },
          view: { hash: VIEW, shown_at: nowS(bench) },
          ...change,
        },
        signer,
      ),
    );
  return { passkey, decide };
}

describe("approving what cannot be undone", () => {
  it("[ACP-50] [F2] rests on an authentication made after it was asked", async () => {
    const { bench, request, openedAt } = await waiting();
    const before = await bench.decision(request.jti, "approve", { auth_time: openedAt - 1 });
    expect(codeOf(await bench.submit(before))).toBe("hitl_auth_stale");
    const since = await bench.decision(request.jti, "approve", { auth_time: openedAt });
    expect(codeOf(await bench.submit(since))).toBe("accepted");
  });

  it("[ACP-50] no more than 120 s ago, where 900 s are enough to say no", async () => {
    const { bench, request, openedAt } = await waiting();
    bench.clock.advance(121);
    const old = { auth_time: openedAt };
    expect(codeOf(await bench.submit(await bench.decision(request.jti, "approve", old)))).toBe("hitl_auth_stale");
    expect(codeOf(await bench.submit(await bench.decision(request.jti, "reject", old)))).toBe("accepted");
  });

  it("[ACP-50] takes what is 120 s old to the second", async () => {
    const { bench, request, openedAt } = await waiting();
    bench.clock.advance(120);
    const last = await bench.decision(request.jti, "approve", { auth_time: openedAt });
    expect(codeOf(await bench.submit(last))).toBe("accepted");
  });

  it.each<readonly [string, Partial<Touched>]>([
    ["another request", { request: { jti: v4(), hash: OTHER } }],
    ["another version of the request", { request: { jti: "", hash: OTHER } }],
    ["another outcome", { outcome: "reject" }],
    ["another view", { viewHash: OTHER }],
    ["other arguments", { argsHash: OTHER }],
  ])("[ACP-51] [F5] refuses a touch that was given for %s", async (_, change) => {
    const { bench, request } = await waiting();
    const exact = { request, outcome: "approve", viewHash: VIEW };
    const view = { hash: VIEW, shown_at: START_S };
    const other = { ...exact, ...change };
    const jti = other.request.jti === "" ? request.jti : other.request.jti;
    const challenge = await challengeOf({ ...other, request: { ...other.request, jti } });
    const wrong = await bench.decision(request.jti, "approve", { view, touch: { kind: "passphrase", challenge } });
    expect(codeOf(await bench.submit(wrong))).toBe("hitl_touch_invalid");
    const touch = { kind: "passphrase", challenge: await challengeOf(exact) };
    expect(codeOf(await bench.submit(await bench.decision(request.jti, "approve", { touch })))).toBe(
      "hitl_touch_invalid",
    );
    const right = await bench.decision(request.jti, "approve", { view, touch });
    expect(codeOf(await bench.submit(right))).toBe("accepted");
  });
});

describe("an enrolled passkey", () => {
  it("[ACP-51] [F2] must have been touched: neither nothing nor a passphrase stands in for it", async () => {
    const waits = await waiting();
    const { passkey, decide } = await withPasskey(waits);
    const exact = { request: waits.request, outcome: "approve", viewHash: VIEW };
    expect(codeOf(await decide("approve", {}))).toBe("hitl_touch_missing");
    const touch = { kind: "passphrase", challenge: await challengeOf(exact) };
    expect(codeOf(await decide("approve", { touch }))).toBe("hitl_touch_missing");
    expect(codeOf(await decide("approve", { touch: await passkey.touch(exact) }))).toBe("accepted");
  });

  it("[ACP-51] is not asked for to say no", async () => {
    const { decide } = await withPasskey(await waiting());
    expect(codeOf(await decide("reject", {}))).toBe("accepted");
  });

  it.each<readonly [string, Misuse]>([
    ["at another origin", { origin: "https://console.example" }],
    ["for another host name", { rpId: "console.example" }],
    ["without its person verified", { isVerified: false }],
    ["to be made, not used", { type: "webauthn.create" }],
  ])("[ACP-51] does not count when it was touched %s", async (_, misuse) => {
    const waits = await waiting();
    const { passkey, decide } = await withPasskey(waits);
    const exact = { request: waits.request, outcome: "approve", viewHash: VIEW };
    const touch = await passkey.touch(exact, misuse);
    expect(codeOf(await decide("approve", { touch }))).toBe("hitl_touch_invalid");
  });

  it("[ACP-51] does not count when it is somebody else's, or its signature was changed", async () => {
    const waits = await waiting();
    const { passkey, decide } = await withPasskey(waits);
    const exact = { request: waits.request, outcome: "approve", viewHash: VIEW };
    const stranger = await (await softPasskey()).touch(exact);
    const forged = { ...stranger, cred: passkey.enrolled.cred };
    expect(codeOf(await decide("approve", { touch: stranger }))).toBe("hitl_touch_invalid");
    expect(codeOf(await decide("approve", { touch: forged }))).toBe("hitl_touch_invalid");
    const real = await passkey.touch(exact);
    const replayed = { ...real, client_data_json: stranger.client_data_json.replace(/.$/, "A") };
    expect(codeOf(await decide("approve", { touch: replayed }))).toBe("hitl_touch_invalid");
  });

  it("[COM-24] is taken from what its browser had when it was made, and refused for another host name", async () => {
    const passkey = await softPasskey();
    const sha256 = await createSha256();
    expect(await readPasskey(await passkey.made(), sha256)).toEqual({ ok: true, value: passkey.enrolled });
    expect(await readPasskey(await passkey.made("elsewhere.test"), sha256)).toMatchObject({
      error: { code: "token_claim_invalid", claim: "passkey" },
    });
    const garbled = { ...(await passkey.made()), authenticator_data: "AAAA" };
    expect(await readPasskey(garbled, sha256)).toMatchObject({ error: { code: "token_claim_invalid" } });
  });
});
