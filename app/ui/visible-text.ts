/**
 * A piece of a text: shown as it is; a character that would not be seen, named instead (`raw` is what stood there); or
 * something that is seen and looks like something else, shown and followed by a note.
 */
export type Segment =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "mark"; readonly mark: string; readonly raw: string }
  | { readonly kind: "odd"; readonly text: string; readonly note: string };

/** Nothing in it needs a look: the usual case of long lists. */
const PLAIN = /^(?:(?! {16})[\x20-\x7e])*$/;

/**
 * Controls, bidi and other format characters (incl. zero-width and tags), line and paragraph separators, lone surrogates,
 * private and unassigned code points, fillers that look like nothing, spaces that are no space, variation selectors that can
 * carry hidden data, piles of combining marks, and runs of blanks or line breaks that push what follows away.
 */
const UNSEEN = new RegExp(
  [
    "\\p{Zs}{16,}|\\n{4,}|\\t{8,}|\\p{M}{4,}",
    "[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}\\p{Co}\\p{Cn}]",
    "[\\u115f\\u1160\\u2800\\u3164\\uffa0\\u034f\\u17b4\\u17b5\\u180b-\\u180f]",
    "[\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f]",
    "[\\ufe00-\\ufe0d\\u{e0100}-\\u{e01ef}]",
    // The last two choose between text and picture, and say nothing hidden right after what can be either.
    "(?<![\\p{Extended_Pictographic}0-9#*])[\\ufe0e\\ufe0f]",
  ].join("|"),
  "gu",
);

/** Letters in a costume: mathematical, fullwidth, circled, squared and letterlike ones, and small capitals. */
const STYLED =
  /[\u{1d400}-\u{1d7ff}\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u249c-\u24e9\u{1f110}-\u{1f12b}\u{1f130}-\u{1f149}\u{1f150}-\u{1f169}\u{1f170}-\u{1f189}\u2102\u210a-\u2115\u2119-\u211d\u2124\u2128\u212a-\u2131\u2133\u2134\u2139\u2145-\u2149\u2160-\u217f\ufb00-\ufb06\u1d00-\u1d22]+/gu;
/** Digits of another script, of which some look like other digits. */
const OTHER_DIGITS = /(?![0-9\uff10-\uff19\u{1d7ce}-\u{1d7ff}])\p{Nd}+/gu;
/** Punctuation that passes for what parts an address: slash, dot, colon. */
const OTHER_SEPARATORS = /[\u2044\u2215\u29f8\uff0f]|[\u2024\uff0e\uff61]|[\ua789\u2236\uff1a]/gu;
const WORD = /[\p{L}\p{M}]+/gu;

/** Scripts with letters that cannot be told from Latin ones. */
export const LOOKALIKE_SCRIPTS = [
  ["Cyrillic", /\p{Script=Cyrillic}+/gu],
  ["Greek", /\p{Script=Greek}+/gu],
  ["Armenian", /\p{Script=Armenian}+/gu],
  ["Cherokee", /\p{Script=Cherokee}+/gu],
  ["Coptic", /\p{Script=Coptic}+/gu],
  ["Lisu", /\p{Script=Lisu}+/gu],
  ["phonetic", /[\u0250-\u02af]+/gu],
] as const;
const LATIN = /[A-Za-z\u00c0-\u024f]/;

/** Splits a text so that nothing in it can hide or reorder what is read (F4). New lines and tabs stay when `multiline`. */
export function visibleSegments(text: string, multiline = false): Segment[] {
  if (text === "") return [];
  if (PLAIN.test(text)) return [{ kind: "text", text }];
  const segments: Segment[] = [];
  let from = 0;
  for (const found of findings(text, multiline)) {
    if (found.at < from) continue;
    if (found.at > from) segments.push({ kind: "text", text: text.slice(from, found.at) });
    segments.push(found.segment);
    from = found.end;
  }
  if (from < text.length) segments.push({ kind: "text", text: text.slice(from) });
  return segments;
}

interface Finding {
  readonly at: number;
  readonly end: number;
  readonly segment: Segment;
}

function findings(text: string, multiline: boolean): Finding[] {
  const found: Finding[] = [];
  const add = (at: number, raw: string, segment: Segment): void => {
    found.push({ at, end: at + raw.length, segment });
  };
  for (const { 0: raw, index } of text.matchAll(UNSEEN)) {
    if (multiline && (raw === "\n" || raw === "\t")) continue;
    if (/^[\n\t]+$/.test(raw) && !multiline) {
      // In one line every break is named by itself, as many as there are.
      for (const [at, one] of Array.from(raw).entries())
        add(index + at, one, { kind: "mark", mark: markOf(one), raw: one });
    } else add(index, raw, { kind: "mark", mark: markOf(raw), raw });
  }
  for (const { 0: raw, index } of text.matchAll(STYLED))
    add(index, raw, { kind: "odd", text: raw, note: `‹reads “${raw.normalize("NFKC")}” in styled letters›` });
  for (const { 0: raw, index } of text.matchAll(OTHER_DIGITS))
    add(index, raw, { kind: "odd", text: raw, note: "‹digits of another script›" });
  for (const { 0: raw, index } of text.matchAll(OTHER_SEPARATORS))
    add(index, raw, { kind: "odd", text: raw, note: `‹${codeOf(raw)}›` });
  for (const word of text.matchAll(WORD)) {
    if (!LATIN.test(word[0])) continue;
    for (const [script, letters] of LOOKALIKE_SCRIPTS)
      for (const { 0: raw, index } of word[0].matchAll(letters))
        add(word.index + index, raw, { kind: "odd", text: raw, note: `‹${script}›` });
  }
  return found.sort((a, b) => a.at - b.at || b.end - a.end);
}

function markOf(raw: string): string {
  const characters = Array.from(raw);
  if (characters.length === 1) return `‹${codeOf(raw)}›`;
  const what = /^\p{M}/u.test(raw) ? "combining marks" : raw.startsWith("\n") ? "line breaks" : blanks(raw);
  return `‹${characters.length} ${what}›`;
}

const blanks = (raw: string): string => (raw.startsWith("\t") ? "tabs" : "spaces");

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The same as one string, for attributes such as `title` and accessible names. */
export function visibleText(text: string): string {
  if (PLAIN.test(text)) return text;
  return visibleSegments(text)
    .map((segment) =>
      segment.kind === "text" ? segment.text : segment.kind === "mark" ? segment.mark : segment.text + segment.note,
    )
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
