/** A piece of a text: shown as it is, or a character that would not be seen and is named instead. */
export type Segment =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "mark"; readonly mark: string };

/**
 * Controls, bidi and other format characters (incl. zero-width and tags), line and paragraph separators, lone surrogates,
 * fillers that look like nothing, variation selectors that can carry hidden data, and piles of combining marks.
 */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u2800\u3164\uffa0]|\u034f|\u17b4|\u17b5|[\u{e0100}-\u{e01ef}]|\p{M}{5,}/gu;

/** Splits a text so that nothing in it can hide or reorder what is read (F4). New lines and tabs stay when `multiline`. */
export function visibleSegments(text: string, multiline = false): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  for (const match of text.matchAll(UNSEEN)) {
    const found = match[0];
    if (multiline && (found === "\n" || found === "\t")) continue;
    if (match.index > from) segments.push({ kind: "text", text: text.slice(from, match.index) });
    segments.push({ kind: "mark", mark: markOf(found) });
    from = match.index + found.length;
  }
  if (from < text.length) segments.push({ kind: "text", text: text.slice(from) });
  return segments;
}

function markOf(found: string): string {
  const characters = Array.from(found);
  if (characters.length > 1) return `‹${characters.length} combining marks›`;
  const code = (found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `‹U+${code}›`;
}

/** The same as one string, for attributes such as `title` and accessible names. */
export function visibleText(text: string): string {
  return visibleSegments(text)
    .map((segment) => (segment.kind === "text" ? segment.text : segment.mark))
    .join("");
}

/** Cuts after `max` UTF-16 units, never inside a surrogate pair; says how many are left. */
export function cutText(text: string, max: number): { readonly head: string; readonly more: number } {
  if (text.length <= max) return { head: text, more: 0 };
  const last = text.charCodeAt(max - 1);
  const at = last >= 0xd800 && last <= 0xdbff ? max - 1 : max;
  return { head: text.slice(0, at), more: text.length - at };
}

/** Shortens in the middle, where identifiers differ least. */
export function shortenMiddle(text: string, head = 8, tail = 6): string {
  return text.length <= head + tail + 1 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`;
}
