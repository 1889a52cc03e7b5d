import { must } from "../../base/assert.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { humanKeys, rolesOf } from "../../engine/identity/roles.ts";
import { writeRefusal } from "../../engine/load.ts";
import type { EnrolledKey, State } from "../../engine/state.ts";
import type { Host } from "../../host/open-host.ts";
import { whyNamed } from "../../host/trust-domain.ts";
import { readPasskey } from "../../protocol/identity/assertion.ts";
import type { EnrolmentClaims, PublicJwk } from "../../protocol/identity/claims.ts";
import { ENROLMENT_TYPE } from "../../protocol/identity/wit.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { importPublicKey, type TrustedKey } from "../../protocol/jose/keys.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import { verifyToken } from "../../protocol/jose/verify-token.ts";
import type { Person } from "../contract/identity.ts";
import { asOf } from "./as-of.ts";
import { api, errorFor, positionOf, valueOr } from "./base.ts";

const OPERATOR_KEY_LIFETIME_S = 31_000_000;
const HUMAN = /^[a-z][a-z0-9+.-]*:\/\/[^/]+\/human\/[a-z0-9-]{1,64}$/;

const FROM_OUTSIDE = "whoever starts this host gives its domain a name, before its log begins";

export const identityOperations = {
  describe: api.identity.describe.use(asOf).handler(async ({ context: { host } }) => {
    const nowS = nowSOf(host);
    const operators = await host.engine.read((state) =>
      humanKeys(state)
        .filter((key) => key.use === "all" && key.exp > nowS)
        .map(({ subject, kid, name, jwk, seq, at }) => ({
          subject,
          kid,
          name,
          jwk,
          seq,
          enrolledAt: at,
          roles: [...rolesOf(state, subject, nowS)],
        })),
    );
    const { domain, logId, pepId } = host.engine.ids;
    const position = await positionOf(host);
    const fault = host.engine.fault();
    const inside = fault === null ? whyNamed(domain, position.size) : writeRefusal(fault).detail;
    const trustDomainFixed = host.ports.renamed === undefined ? FROM_OUTSIDE : inside;
    return { position, trustDomain: domain, trustDomainFixed, logId, pepId, operators };
  }),

  nameDomain: api.identity.nameDomain.handler(async ({ context: { host }, input: { trustDomain }, errors }) => {
    const { engine, ports } = host;
    if (trustDomain === engine.ids.domain) return { trustDomain };
    if (ports.renamed === undefined) throw errorFor({ ...refusal("domain_fixed", FROM_OUTSIDE), status: 409 }, errors);
    const { nameTrustDomain } = await import("../../host/name-trust-domain.ts");
    valueOr(await nameTrustDomain(engine, ports.storage, trustDomain), errors);
    await ports.renamed();
    return { trustDomain };
  }),

  people: api.identity.people.use(asOf).handler(async ({ context: { host } }) => {
    const nowS = nowSOf(host);
    const read = await host.engine.read((state) => ({ stated: state.roles.size > 0, people: peopleOf(state, nowS) }));
    return { position: await positionOf(host), ...read };
  }),

  enrolOperator: api.identity.enrolOperator.handler(async ({ context: { host }, input, errors }) => {
    const { engine } = host;
    const { proof, kid } = valueOr(await provenKey(host, input.jwk, input.proof), errors);
    const subject = proof.iss;
    if (!HUMAN.test(subject) || !subject.startsWith(`spiffe://${engine.ids.domain}/human/`))
      throw errorFor(
        refusal("token_claim_invalid", "an operator's id lies under /human/ of this domain", { claim: "iss" }),
        errors,
      );
    const stop = input.stop === undefined ? undefined : valueOr(await stopKeyOf(host, input.stop, proof), errors);
    const replaces =
      input.replaces === undefined ? undefined : valueOr(await replacedKey(host, input.replaces, subject, kid), errors);
    const passkey =
      proof.passkey === undefined ? undefined : valueOr(await readPasskey(proof.passkey, host.ports.sha256), errors);
    const known = await engine.read((state) => state.keys.get(kid));
    if (known !== undefined && known.subject === subject) return { subject, kid, seq: known.seq };
    const accepted = valueOr(
      await engine.submit({
        kind: "enrol",
        subject,
        name: proof.name,
        jwk: input.jwk,
        kid,
        lifetimeS: OPERATOR_KEY_LIFETIME_S,
        ...(passkey === undefined ? {} : { passkey }),
        ...(stop === undefined ? {} : { stop }),
        ...(replaces === undefined ? {} : { replaces }),
      }),
      errors,
    );
    const enrolled = accepted.logged.find(
      ({ fact }) => fact.typ === "wit+jwt" && fact.claims.cnf.jwk.kid === kid && fact.claims.use === undefined,
    );
    return { subject, kid, seq: must(enrolled, "an accepted enrolment is logged").seq };
  }),

  trust: api.identity.trust.use(asOf).handler(async ({ context: { host } }) => {
    const { trustView } = await import("./trust.ts");
    return { position: await positionOf(host), items: await trustView(host) };
  }),

  trustReach: api.identity.trustReach.use(asOf).handler(async ({ context: { host }, input, errors }) => {
    const { trustReach } = await import("./trust.ts");
    return { identities: valueOr(await trustReach(host, input.jti), errors) };
  }),

  examineTrust: api.identity.examineTrust.handler(async ({ context: { host }, input, errors }) => {
    const { examineTrust } = await import("./trust.ts");
    return valueOr(await examineTrust(host, input.text), errors);
  }),

  stateTrust: api.identity.stateTrust.handler(async ({ context: { host }, input, errors }) => {
    const { fact, verified } = valueOr(await host.engine.receive(input.token), errors);
    if (fact.typ !== "trust-statement+jwt")
      throw errorFor(refusal("token_wrong_type", "a trust-statement+jwt is expected here"), errors);
    const accepted = valueOr(await host.engine.submit({ kind: "token", verified, fact }), errors);
    return { jti: fact.claims.jti, seq: must(accepted.logged.at(-1), "an accepted statement is logged").seq };
  }),

  stateRoles: api.identity.stateRoles.handler(async ({ context: { host }, input, errors }) => {
    const { fact, verified } = valueOr(await host.engine.receive(input.token), errors);
    if (fact.typ !== "role-statement+jwt")
      throw errorFor(refusal("token_wrong_type", "a role-statement+jwt is expected here"), errors);
    const accepted = valueOr(await host.engine.submit({ kind: "token", verified, fact }), errors);
    const { sub, roles } = fact.claims;
    return { subject: sub, roles, seq: must(accepted.logged.at(-1), "an accepted statement is logged").seq };
  }),
};

const nowSOf = (host: Host): number => Math.floor(host.ports.clock.nowMs() / 1000);

/** In order of enrolment; the name is that of the newest key. */
function peopleOf(state: State, nowS: number): Person[] {
  const keysOf = new Map<string, EnrolledKey[]>();
  for (const key of humanKeys(state)) keysOf.set(key.subject, [...(keysOf.get(key.subject) ?? []), key]);
  return [...keysOf].map(([subject, keys]) => {
    const stated = state.roles.get(subject);
    const named = keys.findLast((key) => key.use === "all") ?? keys.at(-1);
    return {
      subject,
      name: named?.name ?? subject,
      roles: [...rolesOf(state, subject, nowS)],
      statement:
        stated === undefined
          ? null
          : { by: stated.by, at: stated.at, until: stated.exp, reason: stated.reason, seq: stated.seq },
      keys: keys.map(({ kid, use, seq, at, exp }) => ({ kid, use, seq, enrolledAt: at, until: exp })),
    };
  });
}

/** Whoever enrols a key proves to hold it: the proof is signed by it, in the name it is enrolled under. */
async function provenKey(
  host: Host,
  jwk: PublicJwk,
  proof: string,
): Promise<Result<{ readonly proof: EnrolmentClaims; readonly kid: string }, Refusal>> {
  const key = await importPublicKey(jwk);
  if (!key.ok) return key;
  const verified = await enrolmentBy(host, proof, { ...key.value, subject: issuerOf(proof), revokedAt: null });
  return verified.ok ? ok({ proof: verified.value, kid: key.value.kid }) : verified;
}

async function enrolmentBy(host: Host, token: string, key: TrustedKey): Promise<Result<EnrolmentClaims, Refusal>> {
  const verified = await verifyToken(ENROLMENT_TYPE, token, {
    nowS: nowSOf(host),
    ownIds: [host.engine.ids.logId],
    resolveKey: (kid) => (kid === key.kid ? key : undefined),
    seen: () => false,
    algorithms: ["ES256", "EdDSA"],
    sha256: host.ports.sha256,
  });
  return verified.ok ? ok(verified.value.claims) : verified;
}

/** The key for stops belongs to whom it says, and the person's own key names it: nobody adds one for somebody else. */
async function stopKeyOf(
  host: Host,
  stop: { readonly jwk: PublicJwk; readonly proof: string },
  own: EnrolmentClaims,
): Promise<Result<{ readonly jwk: PublicJwk; readonly kid: string }, Refusal>> {
  const proven = await provenKey(host, stop.jwk, stop.proof);
  if (!proven.ok) return proven;
  const { kid, proof } = proven.value;
  if (proof.iss !== own.iss || own.stop_jkt !== kid)
    return err(
      refusal("token_claim_invalid", "the key for stops is not the one the operator's own key names", {
        claim: "stop_jkt",
      }),
    );
  return ok({ jwk: stop.jwk, kid });
}

/** The key that vouches for the one which takes its place: enrolled for the same person, and still in force. */
async function replacedKey(host: Host, token: string, subject: string, kid: string): Promise<Result<string, Refusal>> {
  const parsed = parseCompact(token);
  if (!parsed.ok) return parsed;
  const earlier = await host.engine.keyOf(parsed.value.header.kid ?? "");
  if (earlier === undefined) return err(refusal("token_key_unknown", "the key that vouches is not enrolled"));
  const verified = await enrolmentBy(host, token, earlier);
  if (!verified.ok) return verified;
  if (verified.value.iss !== subject || verified.value.jkt !== kid)
    return err(refusal("token_claim_invalid", "the earlier key vouches for another key or person", { claim: "jkt" }));
  return ok(earlier.kid);
}

/** The id a proof claims; verification then holds the signature against it. */
function issuerOf(proof: string): string {
  const parsed = parseCompact(proof);
  return parsed.ok ? String(parsed.value.payload.iss) : "";
}
