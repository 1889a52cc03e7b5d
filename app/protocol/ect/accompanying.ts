import * as z from "zod";
import { err, ok, type Result } from "../../base/result.ts";
import { WIT_TYPE } from "../identity/wit.ts";
import { normalTyp, parseCompact } from "../jose/compact.ts";
import { digestSchema, timeSchema, uriSchema } from "../jose/formats.ts";
import { importPublicKey, type TrustedKey } from "../jose/keys.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import { tokenDigest } from "../jose/sign-token.ts";
import { allowedAlgorithm, tokenFits } from "../jose/signature.ts";
import { type VerifyContext, verifyToken } from "../jose/verify-token.ts";

/** The identity a request came with (D2 step 1). An ECT verifies without it, too, where its key is known (ECT-32). */
export interface Accompanying {
  /** `Workload-Identity-Token`. */
  readonly wit: string;
  /** `Workload-Proof-Token` and the target it must be for: the URI without query and fragment. */
  readonly proof?: { readonly wpt: string; readonly target: string };
}

/** Longest life of a proof of possession, seconds: it is made per request. */
const MAX_WPT_LIFETIME_S = 300;

/** WIMSE WPT. An entry of `oth` that is not understood means the proof covers something this verifier did not look at. */
const wptSchema = z.object({
  aud: uriSchema,
  exp: timeSchema,
  jti: z.string().min(1).max(256),
  wth: digestSchema,
  oth: z.strictObject({ "execution-context": digestSchema.optional() }).optional(),
});

/**
 * Verifies identity and possession, and gives the key they bind: it counts for the ECT of the same request.
 * Refusals: `wit_invalid`, `wpt_invalid`, with the inner reason in the detail.
 */
export async function verifyAccompanying(
  input: string,
  { wit, proof }: Accompanying,
  context: VerifyContext,
): Promise<Result<TrustedKey, Refusal>> {
  // One identity token serves many requests: it is not replayed by being shown again.
  const verified = await verifyToken(WIT_TYPE, wit, { ...context, seen: () => false });
  if (!verified.ok) return err(refusal("wit_invalid", `${verified.error.code}: ${verified.error.detail}`));
  const { sub, cnf } = verified.value.claims;
  const imported = await importPublicKey(cnf.jwk);
  if (!imported.ok) return err(refusal("wit_invalid", imported.error.detail, { claim: "cnf" }));
  const kid = cnf.jwk.kid ?? imported.value.kid;
  const revokedAt = context.resolveKey(kid)?.revokedAt ?? null;
  const key: TrustedKey = { kid, subject: sub, alg: imported.value.alg, key: imported.value.key, revokedAt };
  if (proof === undefined) return ok(key);
  const problem = await proofProblem(input, wit, proof, key, context);
  return problem === null ? ok(key) : err(refusal("wpt_invalid", problem));
}

/** What is wrong with the proof, or null. */
async function proofProblem(
  input: string,
  wit: string,
  { wpt, target }: NonNullable<Accompanying["proof"]>,
  key: TrustedKey,
  context: VerifyContext,
): Promise<string | null> {
  const parsed = parseCompact(wpt);
  if (!parsed.ok) return parsed.error.detail;
  const { header, payload } = parsed.value;
  if (normalTyp(header.typ ?? "") !== "wpt+jwt") return "typ is not wpt+jwt";
  if (allowedAlgorithm(header.alg, context.algorithms) !== key.alg) return "alg is not that of the bound key";
  if (!(await tokenFits(wpt, key))) return "not signed by the bound key";
  const claims = wptSchema.safeParse(payload);
  if (!claims.success)
    return `${claims.error.issues[0]?.path.join(".") ?? ""}: ${claims.error.issues[0]?.message ?? ""}`;
  const { aud, exp, jti, wth, oth } = claims.data;
  const skew = context.skewS ?? 30;
  if (aud !== target) return "made for another target";
  if (exp <= context.nowS - skew) return "expired";
  if (exp > context.nowS + MAX_WPT_LIFETIME_S + skew) return `valid for longer than ${MAX_WPT_LIFETIME_S} s`;
  if (wth !== tokenDigest(wit, context.sha256)) return "made for another identity token";
  const bound = oth?.["execution-context"];
  if (bound !== undefined && bound !== tokenDigest(input, context.sha256)) return "made for another execution context";
  return context.seen(`wpt ${key.subject} ${jti}`) ? "used before" : null;
}
