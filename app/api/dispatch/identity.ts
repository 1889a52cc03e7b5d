import { ENROLMENT_TYPE } from "../../protocol/identity/wit.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { importPublicKey } from "../../protocol/jose/keys.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import { verifyToken } from "../../protocol/jose/verify-token.ts";
import { api, errorFor, positionOf, valueOr } from "./base.ts";

const OPERATOR_KEY_LIFETIME_S = 31_000_000;
const HUMAN = /^[a-z][a-z0-9+.-]*:\/\/[^/]+\/human\/[a-z0-9-]{1,64}$/;

export const identityOperations = {
  describe: api.identity.describe.handler(async ({ context: { host } }) => {
    const operators = await host.engine.read((state) =>
      [...state.keys.values()]
        .filter((key) => HUMAN.test(key.subject))
        .map((key) => ({
          subject: key.subject,
          kid: key.kid,
          name: key.name,
          jwk: key.jwk,
          seq: key.seq,
          enrolledAt: key.at,
        })),
    );
    const { domain, logId, pepId } = host.engine.ids;
    return { position: await positionOf(host), trustDomain: domain, logId, pepId, operators };
  }),

  enrolOperator: api.identity.enrolOperator.handler(async ({ context: { host }, input, errors }) => {
    const { engine, ports } = host;
    const key = valueOr(await importPublicKey(input.jwk), errors);
    const claimed = issuerOf(input.proof);
    // Whoever enrols proves to hold the key: the proof is signed by it, in the name it is enrolled under.
    const proof = valueOr(
      await verifyToken(ENROLMENT_TYPE, input.proof, {
        nowS: Math.floor(ports.clock.nowMs() / 1000),
        ownIds: [engine.ids.logId],
        resolveKey: (kid) => (kid === key.kid ? { ...key, subject: claimed, revokedAt: null } : undefined),
        seen: () => false,
        algorithms: ["ES256", "EdDSA"],
        sha256: ports.sha256,
      }),
      errors,
    );
    const subject = proof.claims.iss;
    if (!HUMAN.test(subject) || !subject.startsWith(`spiffe://${engine.ids.domain}/human/`))
      throw errorFor(
        refusal("token_claim_invalid", "an operator's id lies under /human/ of this domain", { claim: "iss" }),
        errors,
      );
    const taken = await engine.read((state) =>
      [...state.keys.values()].some((other) => other.subject === subject && other.kid !== key.kid),
    );
    if (taken)
      throw errorFor(refusal("subject_taken", "another key is enrolled under this name: choose another name"), errors);
    const known = await engine.read((state) => state.keys.get(key.kid)?.seq);
    if (known !== undefined) return { subject, kid: key.kid, seq: known };
    const accepted = valueOr(
      await engine.submit({
        kind: "enrol",
        subject,
        name: proof.claims.name,
        jwk: input.jwk,
        kid: key.kid,
        lifetimeS: OPERATOR_KEY_LIFETIME_S,
      }),
      errors,
    );
    return { subject, kid: key.kid, seq: accepted.logged.at(-1)?.seq ?? 0 };
  }),
};

/** The id a proof claims; verification then holds the signature against it. */
function issuerOf(proof: string): string {
  const parsed = parseCompact(proof);
  return parsed.ok ? String(parsed.value.payload.iss) : "";
}
