import type { WordField } from "./expression.ts";

/** How texts are compared, the same by the index and by whoever looks at every entry. */

/** Characters of a text that are looked at: an agent may name its action with a book. */
export const TEXT_BOUND = 1000;

/** A value as a field is compared by it: digests as they are, all else without regard to case; a type without its `+jwt`. */
export function folded(field: WordField, value: string): string {
  const bounded = value.length > TEXT_BOUND ? value.slice(0, TEXT_BOUND) : value;
  if (field === "digest") return bounded;
  const lower = bounded.toLowerCase();
  return field === "typ" && lower.endsWith("+jwt") ? lower.slice(0, -4) : lower;
}

/** Letters and digits in a row. */
export function wordsOf(text: string): string[] {
  return text
    .slice(0, TEXT_BOUND)
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** A text as its words, each with a space before it and after. */
export const spaced = (text: string): string => ` ${wordsOf(text).join(" ")} `;

/** What must be in `spaced` of a text that a term matches; null where the term has no letter and no digit. */
export function needleOf(text: string, exact: boolean): string | null {
  const words = wordsOf(text);
  return words.length === 0 ? null : ` ${words.join(" ")}${exact ? " " : ""}`;
}

/** The part of an id after its last `/` or `:`; the whole id where nothing follows one. */
export function lastPart(id: string): string {
  const at = Math.max(id.lastIndexOf("/"), id.lastIndexOf(":"));
  return at === id.length - 1 ? id : id.slice(at + 1);
}

/** Letters from which on a word is taken for the beginning of an id as well. */
const ID_FROM = 6;

/** The beginning of an id (UUID) that a free word may be, folded; null for another word. */
export function idPrefixOf(text: string): string | null {
  return text.length >= ID_FROM && /^[0-9a-f-]{1,36}$/i.test(text) ? text.toLowerCase() : null;
}

/** The beginning of a digest (base64url of 32 bytes) that a free word may be; null for another word. */
export function digestPrefixOf(text: string): string | null {
  return text.length >= ID_FROM && /^[A-Za-z0-9_-]{1,43}$/.test(text) ? text : null;
}
