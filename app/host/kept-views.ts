import type { Json } from "../base/json.ts";
import type { Sha256 } from "../base/ports.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { KeyValueStore } from "../engine/ports.ts";
import { canonicalText, objectDigest } from "../protocol/jcs/canonical.ts";
import { type Refusal, refusal } from "../protocol/jose/refusal.ts";

/** Longest view that is kept, characters of its canonical text: arguments and an agent's words are in it. */
const MAX_CHARACTERS = 262_144;
const nameOf = (hash: string): string => `view/${hash}`;

/** Whether this is what a decision says its person was shown: of the digest that they signed, and of a size to keep. */
export function checkView(hash: string, view: Json, sha256: Sha256): Result<void, Refusal> {
  const text = canonicalText(view);
  if (!text.ok) return text;
  if (text.value.length > MAX_CHARACTERS)
    return err(refusal("view_too_large", `a view of more than ${MAX_CHARACTERS} characters is not kept`));
  const digest = objectDigest(view, sha256);
  return digest.ok && digest.value === hash
    ? ok(undefined)
    : err(refusal("object_hash_mismatch", "this is not the view that was signed for", { claim: "view" }));
}

/** Keeps what somebody was shown when they decided, for evidence; the log has only its digest. A failure loses no decision. */
export async function keepView(values: KeyValueStore, hash: string, view: Json): Promise<void> {
  await values.put(nameOf(hash), view);
}

/** What was shown under a digest, or undefined where it was not kept. */
export async function keptView(values: KeyValueStore, hash: string): Promise<Json | undefined> {
  const stored = await values.get(nameOf(hash));
  return stored.ok ? ((stored.value ?? undefined) as Json | undefined) : undefined; // put there as JSON
}
