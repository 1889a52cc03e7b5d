import * as z from "zod";
import { toBase64url } from "../../base/bytes.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { WIT_TYPE } from "../identity/wit.ts";
import { digestSchema, uriSchema } from "../jose/formats.ts";
import { importPublicKey, jwkThumbprint } from "../jose/keys.ts";
import type { Refusal } from "../jose/refusal.ts";
import { tokenDigest } from "../jose/sign-token.ts";
import { type VerifyContext, verifyToken } from "../jose/verify-token.ts";
import { type IdentityPorts, idpMismatch, idpUnsupported, type RegisteredKey, type ResolvedIdentity } from "./idp.ts";
import { didIdpSchema, resolveDid } from "./idp-did.ts";

/** `idp`, by kind (execution-audit.md section b): the framework in which the issuer's identity is to be looked up (XA-3). */
export const idpSchema = z.discriminatedUnion("kind", [
  z.looseObject({ kind: z.literal("wimse"), wit_hash: digestSchema }),
  z.looseObject({ kind: z.literal("x509"), x5t_s256: digestSchema }),
  z.looseObject({
    kind: z.literal("oauth"),
    issuer: uriSchema,
    client_id: z.string().min(1).max(256),
    jkt: digestSchema,
  }),
  didIdpSchema,
  z.looseObject({ kind: z.literal("jwks"), jwks_uri: uriSchema, kid: z.string().min(1).max(256) }),
]);
export type Idp = z.infer<typeof idpSchema>;

/** V1 step 3, its first half: an `idp` that is complete for its kind. Refusal: `audit_idp_unsupported`. */
export function readIdp(idp: unknown): Result<Idp, Refusal> {
  const parsed = idpSchema.safeParse(idp);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  return err(idpUnsupported(`${["idp", ...(issue?.path ?? [])].join(".")}: ${issue?.message ?? "incomplete"}`));
}

/**
 * Who the profile says the issuer is, from what the verifier holds and from the profile itself. Refusals:
 * `audit_idp_unsupported` where that cannot be told here, `audit_idp_mismatch` where the profile contradicts itself.
 */
export async function resolveIdp(
  idp: Idp,
  ports: IdentityPorts,
  context: VerifyContext,
): Promise<Result<ResolvedIdentity, Refusal>> {
  switch (idp.kind) {
    case "wimse":
      return resolveWit(idp.wit_hash, ports, context);
    case "x509": {
      const held = (await ports.certificate?.(idp.x5t_s256)) ?? null;
      if (held === null) return err(idpUnsupported(`no certificate ${idp.x5t_s256} is held here`));
      if (toBase64url(context.sha256(held.leaf)) !== idp.x5t_s256)
        return err(idpMismatch("the certificate has another digest", "idp.x5t_s256"));
      const { resolveX509 } = await import("./idp-x509.ts");
      return resolveX509(held.leaf, held.between, ports.anchors ?? [], context.nowS);
    }
    case "oauth": {
      const registered = (await ports.client?.(idp.issuer, idp.client_id, idp.jkt)) ?? null;
      if (registered === null)
        return err(idpUnsupported(`no client ${idp.client_id} of ${idp.issuer} is registered with this key`));
      if ((await jwkThumbprint(registered.jwk)) !== idp.jkt)
        return err(idpMismatch("the registered key has another thumbprint", "idp.jkt"));
      return registeredIdentity(registered);
    }
    case "did":
      return resolveDid(idp);
    case "jwks": {
      const pinned = (await ports.pinnedKey?.(idp.jwks_uri, idp.kid)) ?? null;
      if (pinned === null) return err(idpUnsupported(`no key ${idp.kid} is pinned for ${idp.jwks_uri}`));
      return registeredIdentity(pinned);
    }
  }
}

/** The identity token binds the key to `sub`, by word of an issuer whose key this verifier trusts. */
async function resolveWit(
  hash: string,
  ports: IdentityPorts,
  context: VerifyContext,
): Promise<Result<ResolvedIdentity, Refusal>> {
  const wit = await ports.wit(hash);
  if (wit === null) return err(idpUnsupported("the identity token it names is not at hand"));
  if (tokenDigest(wit, context.sha256) !== hash)
    return err(idpMismatch("the identity token has another digest", "idp.wit_hash"));
  const verified = await verifyToken(WIT_TYPE, wit, { ...context, seen: () => false });
  if (!verified.ok) return err(idpMismatch(`the identity token: ${verified.error.code}: ${verified.error.detail}`));
  const { sub, cnf } = verified.value.claims;
  return registeredIdentity({ subject: sub, jwk: cnf.jwk });
}

async function registeredIdentity({ subject, jwk }: RegisteredKey): Promise<Result<ResolvedIdentity, Refusal>> {
  const key = await importPublicKey(jwk);
  if (!key.ok) return err(idpUnsupported(key.error.detail));
  return ok({ id: subject, keys: [{ ...key.value, subject, revokedAt: null }] });
}
