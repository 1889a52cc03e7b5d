import type { Sha256 } from "../base/ports.ts";
import { objectDigest } from "../protocol/jcs/canonical.ts";
import { type Refusal, refusal } from "../protocol/jose/refusal.ts";
import type { Fact } from "./fact.ts";

/** Arguments that a token states beside their digest are those of the digest (C1, ACP-11). Null when they are, or there are none. */
export function statedArgumentsProblem(fact: Fact, sha256: Sha256): Refusal | null {
  const stated =
    fact.typ === "hitl-decision+jwt"
      ? fact.claims.modified
      : fact.typ === "hitl-request+jwt"
        ? fact.claims.task
        : undefined;
  if (stated?.args === undefined) return null;
  const digest = objectDigest(stated.args, sha256);
  return digest.ok && digest.value === stated.args_hash
    ? null
    : refusal("object_hash_mismatch", "the arguments are not those of the digest", { claim: "args_hash" });
}
