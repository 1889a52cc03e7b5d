import * as z from "zod";
import { fromBase64url, toBase64url } from "../../base/bytes.ts";
import type { JsonObject } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { turn } from "../../base/turn.ts";
import type { TrustedItem } from "../../engine/identity/trusted-item.ts";
import type { Host } from "../../host/open-host.ts";
import { certificateFacts, readPem } from "../../protocol/audit/certificate-facts.ts";
import { resolveX509 } from "../../protocol/audit/idp-x509.ts";
import { trustAt, trustedIdentities } from "../../protocol/audit/trusted-identities.ts";
import { type PublicJwk, publicJwkSchema } from "../../protocol/identity/claims.ts";
import { parseStrictJson } from "../../protocol/jcs/strict-json.ts";
import { jwkThumbprint } from "../../protocol/jose/keys.ts";
import { readVerificationKey } from "../../protocol/jose/public-key.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { CertificateView, ExaminedTrust, TrustedItemView } from "../contract/trust.ts";

/** Every statement, the newest first, with what its certificates and keys are. */
export async function trustView(host: Host): Promise<TrustedItemView[]> {
  const items = await host.engine.read((state) => [...state.trust.values()]);
  const views: TrustedItemView[] = [];
  for (const { jti, by, at, seq, reason, ended, ...item } of items.toReversed()) {
    await turn();
    views.push({
      jti,
      stated: { by, at, seq, reason },
      ended: ended === null ? null : { ...ended },
      about: await aboutOf(host, item),
    });
  }
  return views;
}

async function aboutOf(host: Host, { trust }: Pick<TrustedItem, "trust">): Promise<TrustedItemView["about"]> {
  switch (trust.kind) {
    case "x509_anchor":
      return { kind: trust.kind, domain: trust.domain, certificate: await certificateOf(host, trust.certificate) };
    case "x509_certificate":
      return {
        kind: trust.kind,
        certificate: await certificateOf(host, trust.certificate),
        between: await Promise.all(trust.between.map((one) => certificateOf(host, one))),
      };
    case "oauth_client": {
      const { kind, issuer, client_id: clientId, subject, keys } = trust;
      return { kind, issuer, clientId, subject, keys: await Promise.all(keys.map(keyOf)) };
    }
    case "jwks": {
      const { kind, jwks_uri: uri, subject, keys } = trust;
      return { kind, uri, subject, keys: await Promise.all(keys.map(keyOf)) };
    }
    case "verifier": {
      const { kind, subject, about, not_after: until, keys } = trust;
      return { kind, subject, about: [...about], until, keys: await Promise.all(keys.map(keyOf)) };
    }
  }
}

/** Of one that was readable when it was stated. */
async function certificateOf({ ports }: Host, text: string): Promise<CertificateView> {
  const der = fromBase64url(text) ?? new Uint8Array();
  const facts = await certificateFacts(der, ports.sha256);
  const unread = { subject: "", issuer: "", from: 0, until: 0, isAuthority: false, isRoot: false, uris: [] };
  const { uris, ...said } = facts ?? {
    ...unread,
    fingerprint: toBase64url(ports.sha256(der)),
    problem: "it cannot be read",
  };
  return { ...said, uris: [...uris] };
}

async function keyOf(jwk: PublicJwk): Promise<ExaminedTrust["keys"][number]["key"]> {
  return { kid: jwk.kid ?? null, thumbprint: await jwkThumbprint(jwk), alg: jwk.kty === "EC" ? "ES256" : "EdDSA" };
}

/** Who verifies now and would not without one statement. Refusal: `trust_unknown`. */
export async function trustReach(host: Host, jti: string): Promise<Result<string[], Refusal>> {
  const items = await host.engine.read((state) => trustAt(state.trust.values(), null));
  const item = items.find((one) => one.jti === jti);
  if (item === undefined) return err(refusal("trust_unknown", "no such statement is in force"));
  const { trust } = item;
  if (trust.kind === "oauth_client" || trust.kind === "jwks" || trust.kind === "verifier") return ok([trust.subject]);
  const before = await workloads(host, items);
  const after = new Set(
    await workloads(
      host,
      items.filter((one) => one !== item),
    ),
  );
  return ok([...new Set(before)].filter((id) => !after.has(id)));
}

/** The workloads whose certificates lead to an anchor now. */
async function workloads({ ports }: Host, items: readonly TrustedItem[]): Promise<string[]> {
  const nowS = Math.floor(ports.clock.nowMs() / 1000);
  const { anchors = [] } = trustedIdentities(items, ports.sha256);
  const found: string[] = [];
  for (const { trust } of items) {
    if (trust.kind !== "x509_certificate") continue;
    const [leaf, ...between] = [trust.certificate, ...trust.between].map(
      (text) => fromBase64url(text) ?? new Uint8Array(),
    );
    const resolved = await resolveX509(leaf ?? new Uint8Array(), between, anchors, nowS);
    if (resolved.ok) found.push(resolved.value.id);
  }
  return found;
}

/** What a pasted or dropped file holds: certificates in PEM, or a JWK Set (RFC 7517). */
export async function examineTrust(host: Host, text: string): Promise<Result<ExaminedTrust, Refusal>> {
  if (text.includes("-----BEGIN ")) return examinePem(host, text);
  const value = parseStrictJson(text);
  const set = value.ok ? jwkSetSchema.safeParse(value.value) : null;
  return set?.success === true
    ? examineKeys(set.data.keys)
    : err(refusal("trust_malformed", 'neither certificates in PEM nor a JWK Set ({"keys": […]})'));
}

async function examinePem(host: Host, text: string): Promise<Result<ExaminedTrust, Refusal>> {
  const ders = await readPem(text);
  if (!ders.ok) return ders;
  const certificates: ExaminedTrust["certificates"] = [];
  const leftOut: ExaminedTrust["leftOut"] = [];
  const seen = new Set<string>();
  for (const [at, der] of ders.value.entries()) {
    const encoded = toBase64url(der);
    if (seen.has(encoded)) continue;
    seen.add(encoded);
    // Hundreds of certificates fit into a file, and a stop waits for none of them (S5).
    await turn();
    const facts = await certificateFacts(der, host.ports.sha256);
    if (facts === null) leftOut.push({ what: `certificate ${at + 1}`, why: "it cannot be read" });
    else if (facts.problem !== null) leftOut.push({ what: facts.subject, why: facts.problem });
    else certificates.push({ der: encoded, facts: { ...facts, uris: [...facts.uris] } });
  }
  return certificates.length + leftOut.length === 0
    ? err(refusal("trust_malformed", "there is no certificate in it"))
    : ok({ certificates, keys: [], leftOut });
}

const jwkSetSchema = z.looseObject({ keys: z.array(z.looseObject({})).min(1).max(64) });
const MAX_KID = 256;
/** What is private or secret in a key: of curves and RSA, of symmetric ones, of the newer kind `AKP`. */
const PRIVATE = ["d", "k", "priv"] as const;

async function examineKeys(
  given: readonly { readonly [member: string]: unknown }[],
): Promise<Result<ExaminedTrust, Refusal>> {
  if (given.some((jwk) => PRIVATE.some((member) => member in jwk)))
    return err(refusal("trust_malformed", "it holds a private or secret key: give the public ones alone"));
  const keys: ExaminedTrust["keys"] = [];
  const leftOut: ExaminedTrust["leftOut"] = [];
  for (const [at, { kid: name, ...members }] of given.entries()) {
    const kid = typeof name === "string" && name !== "" && name.length <= MAX_KID ? name : null;
    const jwk = { ...members, ...(kid === null ? {} : { kid }) } as JsonObject; // JSON that was read
    // What the set says of a key's algorithm and use counts as well.
    const read = await readVerificationKey(jwk);
    const bare = read.ok ? publicJwkSchema.safeParse(bareKey(jwk)) : null;
    if (bare?.success === true) keys.push({ jwk: bare.data, key: await keyOf(bare.data) });
    else leftOut.push({ what: kid ?? `key ${at + 1}`, why: read.ok ? "it cannot be read" : read.error.detail });
  }
  return ok({ certificates: [], keys, leftOut });
}

/** The members that are the key, and its name. */
function bareKey({ kty, crv, x, y, kid }: JsonObject): object {
  return { ...{ kty, crv, x }, ...(kty === "EC" ? { y } : {}), ...(kid === undefined ? {} : { kid }) };
}
