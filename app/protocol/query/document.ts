import type { WordField } from "./expression.ts";
import type { Severity } from "./fields.ts";
import { folded, lastPart } from "./words.ts";

/** An entry of a log as a query sees it. */
export interface QueryDoc {
  readonly seq: number;
  /** Epoch seconds. */
  readonly receivedAt: number;
  readonly severity: Severity;
  readonly typ: string;
  readonly iss: string | null;
  readonly action: string;
  readonly outcome: string | null;
  readonly wid: string | null;
  readonly task: string | null;
  /** Name of the recorded task. */
  readonly name: string | null;
  readonly jti: string | null;
  readonly submitter: string;
  readonly domain: string;
  /** Digest of the token, and those its claims name. */
  readonly digests: readonly string[];
}

/** The fields whose words free text is looked for in. */
export const TEXT_FIELDS = ["typ", "by", "action", "outcome", "name"] as const satisfies readonly WordField[];

/** The fields whose values a free word may be the beginning of. */
export const ID_FIELDS = ["jti", "task", "wid"] as const satisfies readonly WordField[];

/** What an entry has in a field, folded: none, one, or several. */
export function valuesOf(doc: QueryDoc, field: WordField): readonly string[] {
  if (field === "digest") return doc.digests;
  const value = field === "by" ? doc.iss : doc[field];
  if (value === null || value === "") return [];
  if (field !== "by") return [folded(field, value)];
  const part = lastPart(value);
  return part === value ? [folded(field, value)] : [folded(field, value), folded(field, part)];
}

/** Base64url of 32 bytes: the last character has two bits that stand for nothing. */
const DIGEST = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const MAX_DIGESTS = 64;
const MAX_DEPTH = 8;

/** The digests that claims name; what a key is made of is not one. */
export function digestsIn(claims: unknown): string[] {
  const found = new Set<string>();
  const look = (value: unknown, depth: number): void => {
    if (found.size >= MAX_DIGESTS || depth > MAX_DEPTH) return;
    if (typeof value === "string") {
      if (value.length === 43 && DIGEST.test(value)) found.add(value);
    } else if (Array.isArray(value)) for (const one of value) look(one, depth + 1);
    else if (typeof value === "object" && value !== null)
      for (const [name, member] of Object.entries(value)) if (name !== "jwk") look(member, depth + 1);
  };
  look(claims, 0);
  return [...found];
}
