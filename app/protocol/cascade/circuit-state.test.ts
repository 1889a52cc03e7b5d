import { describe, expect, it } from "vitest";
import { must } from "../../base/assert.ts";
import { createSha256 } from "../jose/hasher.ts";
import { generateSigner, importPublicKey } from "../jose/keys.ts";
import { signToken } from "../jose/sign-token.ts";
import { verifyToken } from "../jose/verify-token.ts";
import { BreakerBench } from "./breaker.fixture.ts";
import { breakerId } from "./breaker-rules.ts";
import { CIRCUIT_STATE_TYPE } from "./cascade-token.ts";
import { acceptCircuitState, circuitStateClaims, type KnownCircuit } from "./circuit-state.ts";
import { type CircuitStateClaims, circuitStateClaimsSchema } from "./claims.ts";

const OWNER = "spiffe://ops.example/agent/planner";
const CALLEE = "spiffe://ops.example/agent/executor";
const OTHER = "spiffe://ops.example/agent/mallory";
const ID = breakerId(OWNER, CALLEE, "write");

const statement = (nowS: number) => ({
  iss: OWNER,
  aud: OTHER,
  jti: "0195400c-0000-7000-8000-000000000001",
  breakerId: ID,
  callee: CALLEE,
  nowS,
  expS: nowS + 3600,
});

function published(): CircuitStateClaims[] {
  const bench = new BreakerBench();
  bench.jitter = 0.0123;
  bench.pass(0.25).calls(5, "error").pass(31).calls(3);
  return bench.changes.map((change) => circuitStateClaims(change, statement(Math.floor(bench.atMs / 1000))));
}
const known = (newest: CircuitStateClaims | null = null): KnownCircuit => ({ owner: OWNER, callee: CALLEE, newest });

describe("circuit state", () => {
  it("[CAS-5] every transition is a circuit state with the next seq, its reason and what led to it", () => {
    const states = published();
    expect(states.map(({ seq, state, reason }) => [seq, state, reason])).toEqual([
      [1, "open", "consecutive"],
      [2, "half_open", "timer"],
      [3, "closed", "probe_ok"],
    ]);
    const [open, half] = states;
    expect(open?.stats).toEqual({ calls: 5, failures: 5, slow: 0, window_s: 60 });
    // Whoever waits for `until` never comes too early.
    expect(open?.until).toBe((open?.since ?? 0) + 31);
    expect(half?.until).toBeUndefined();
    for (const claims of states) expect(circuitStateClaimsSchema.parse(claims)).toEqual(claims);
  });

  it("[CAS-5] an older or repeated seq is ignored, in whatever order they come", () => {
    const [first, second, third] = published();
    const orders = [
      [first, second, third],
      [third, first, second],
      [second, third, third],
    ];
    for (const order of orders) {
      let circuit = known();
      for (const claims of order) {
        const taken = acceptCircuitState(circuit, must(claims, "a state"));
        if (!taken.ok) throw new Error(taken.error.code);
        circuit = taken.value;
      }
      expect(circuit.newest?.seq).toBe(3);
      const twin = acceptCircuitState(circuit, { ...must(third, "a state"), state: "open" });
      expect(twin.ok && twin.value.newest?.state).toBe("closed");
    }
  });

  it("[CAS-S3] only its owner's word counts, about the breaker as it is known", () => {
    const [state] = published();
    const claims = must(state, "a state");
    const code = (circuit: KnownCircuit | undefined, said: CircuitStateClaims) => {
      const taken = acceptCircuitState(circuit, said);
      return taken.ok ? "taken" : taken.error.code;
    };
    expect(code(known(), claims)).toBe("taken");
    expect(code(known(), { ...claims, iss: OTHER })).toBe("circuit_issuer_denied");
    expect(code(known(), { ...claims, callee: OTHER })).toBe("circuit_issuer_denied");
    expect(code(undefined, claims)).toBe("circuit_issuer_denied");
  });

  it("[CAS-S3] a state signed with another key in the owner's name does not get that far", async () => {
    const claims = must(published()[0], "a state");
    const [owner, mallory] = [await generateSigner("ES256"), await generateSigner("ES256")];
    const sha256 = await createSha256();
    const imported = await importPublicKey(owner.jwk);
    const key = must(imported.ok ? imported.value : null, "a key");
    const verify = (compact: string) =>
      verifyToken(CIRCUIT_STATE_TYPE, compact, {
        nowS: claims.iat,
        ownIds: [OTHER],
        resolveKey: (kid) => ({ ...key, kid, subject: OWNER, revokedAt: null }),
        seen: () => false,
        sha256,
      });
    const forged = await verify(await signToken("circuit-state+jwt", claims, mallory.signer));
    expect(forged.ok ? "taken" : forged.error.code).toBe("token_signature_invalid");
    const own = await verify(await signToken("circuit-state+jwt", claims, owner.signer));
    expect(own.ok && own.value.claims).toEqual(claims);
  });
});
