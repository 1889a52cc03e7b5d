import { LOOKALIKE_SCRIPTS, shortenMiddle, visibleSegments, visibleText } from "./visible-text.ts";

/** Why a text deserves a second look, and the words that say so. */
export interface TextFlag {
  readonly kind: "unseen" | "styled" | "mixed" | "host" | "userinfo" | "scheme" | "terminal" | "voice" | "nested";
  readonly words: string;
}

/** Characters that are looked through; a longer text is flagged by nobody here: what is shown is cut before. */
const MAX_CHARACTERS = 100_000;
/** Characters of a text's own that a flag quotes. */
const QUOTED = 48;

const quote = (text: string): string => `“${shortenMiddle(visibleText(text), QUOTED - 12, 10)}”`;

/**
 * What in a text could make one read something else than is there (F4), in words. Deterministic, in a fixed order. Line
 * breaks and tabs are ordinary where it may have several lines.
 */
export function textFlags(text: string, multiline = true): readonly TextFlag[] {
  const read = text.slice(0, MAX_CHARACTERS);
  return [
    ...unseen(read, multiline),
    ...hosts(read),
    ...schemes(read),
    ...(isForTerminal(read)
      ? [{ kind: "terminal" as const, words: "has codes that a terminal obeys and does not show" }]
      : []),
    ...(VOICE.test(read) ? [{ kind: "voice" as const, words: "speaks as if it were the console" }] : []),
    ...(isNested(read) ? [{ kind: "nested" as const, words: "is one text that looks like JSON of its own" }] : []),
  ];
}

function unseen(text: string, multiline: boolean): TextFlag[] {
  const segments = visibleSegments(text, multiline);
  const marks = segments.flatMap((segment) => (segment.kind === "mark" ? [segment.mark] : []));
  const odd = segments.flatMap((segment) => (segment.kind === "odd" ? [segment] : []));
  const styled = odd.filter(({ note }) => note.includes("styled") || note.includes("digits"));
  const mixed = odd.filter((segment) => !styled.includes(segment));
  const names = [...new Set(marks)];
  return [
    ...(marks.length === 0
      ? []
      : [
          {
            kind: "unseen" as const,
            words: `has ${marks.length} ${marks.length === 1 ? "place" : "places"} with what is not seen: ${names.slice(0, 4).join(" ")}${names.length > 4 ? " …" : ""}`,
          },
        ]),
    ...(styled.length === 0
      ? []
      : [
          {
            kind: "styled" as const,
            words: `uses letters in a costume: ${quote(styled.map((one) => one.text).join(" "))}`,
          },
        ]),
    ...(mixed.length === 0
      ? []
      : [
          {
            kind: "mixed" as const,
            words: `mixes look-alikes into Latin words: ${[...new Set(mixed.map((one) => one.text + one.note))].slice(0, 4).join(" ")}`,
          },
        ]),
  ];
}

/** Something with dots that can be a host: labels of letters, digits and hyphens, by any dot that browsers take for one. */
const HOST =
  /(?<![\p{L}\p{N}\p{M}_-])[\p{L}\p{N}\p{M}\p{Cf}-]{1,63}(?:[.\u3002\uff0e\uff61\u2024][\p{L}\p{N}\p{M}\p{Cf}-]{1,63})+/gu;
const ASCII = /^[\x20-\x7e]*$/;
const USERINFO = /[a-z][a-z0-9+.-]*:\/\/([^\s/?#"'@]{1,200})@([^\s/?#"'@]{1,200})/giu;

function hosts(text: string): TextFlag[] {
  const flags = new Map<string, TextFlag>();
  for (const [host] of text.matchAll(HOST)) {
    const words = hostProblem(host);
    if (words !== null) flags.set(host, { kind: "host", words });
    if (flags.size >= 4) break;
  }
  for (const [, user = "", host = ""] of text.matchAll(USERINFO)) {
    if (!user.includes(".")) continue;
    flags.set(`@${host}`, {
      kind: "userinfo",
      words: `names the host ${quote(host)}; ${quote(user)} before the @ is not it`,
    });
  }
  return [...flags.values()];
}

function hostProblem(host: string): string | null {
  const decoded = host.split(".").map(decodeLabel).join(".");
  if (decoded !== host) return `has the host ${quote(host)}, which stands for ${quote(decoded)}${looks(decoded)}`;
  // A name of a file or a class in another language has dots as well; a host that is spelt like a Latin one has not.
  if (ASCII.test(host)) return null;
  return `has the host ${quote(host)}, which is not in plain letters${looks(host)}`;
}

function looks(host: string): string {
  const scripts = LOOKALIKE_SCRIPTS.flatMap(([script, letters]) => (host.match(letters) === null ? [] : [script]));
  const plain = asciiLook(host);
  const read = plain !== host && ASCII.test(plain) ? ` and can be read as ${quote(plain)}` : "";
  if (scripts.length === 0) return read;
  return ` (${scripts.join(", ")} letters${/[a-z]/i.test(host.replace(/\.[a-z]+$/i, "")) ? " among Latin ones" : ""})${read}`;
}

/** Letters of other scripts that cannot be told from these. */
const TWINS: Readonly<Record<string, string>> = {
  а: "a",
  е: "e",
  о: "o",
  р: "p",
  с: "c",
  у: "y",
  х: "x",
  і: "i",
  ј: "j",
  ѕ: "s",
  ԁ: "d",
  ԛ: "q",
  ԝ: "w",
  һ: "h",
  ӏ: "l",
  к: "k",
  м: "m",
  т: "t",
  в: "b",
  н: "h",
  п: "n",
  г: "r",
  ь: "b",
  α: "a",
  ο: "o",
  ν: "v",
  ρ: "p",
  τ: "t",
  υ: "u",
  χ: "x",
  ι: "i",
  κ: "k",
  γ: "y",
  η: "n",
  ϲ: "c",
  ω: "w",
  σ: "o",
  ε: "e",
  օ: "o",
  ս: "u",
  ո: "n",
  հ: "h",
  զ: "q",
  ց: "g",
  ɡ: "g",
  ɑ: "a",
  ɩ: "i",
  ı: "i",
};

/** How a text in other letters can be read by somebody who expects plain ones. */
export function asciiLook(text: string): string {
  const plain = text
    .normalize("NFKC")
    .replace(/[\u3002\uff0e\uff61\u2024]/g, ".")
    .replace(/\p{Cf}/gu, "")
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase();
  return Array.from(plain, (letter) => TWINS[letter] ?? letter).join("");
}

/** What a name looks like at a glance: two names with the same look are told apart only by reading letter by letter. */
export function glance(text: string): string {
  return asciiLook(text)
    .replaceAll(/rn/g, "m")
    .replaceAll(/vv/g, "w")
    .replaceAll(/cl/g, "d")
    .replaceAll(/[1i|!]/g, "l")
    .replaceAll(/0/g, "o")
    .replaceAll(/5/g, "s")
    .replaceAll(/[\s_-]+/g, "-");
}

const SCHEME = /(?<![\p{L}\p{N}])(javascript|vbscript|data|blob|file)\s*:(?=\S)/iu;

function schemes(text: string): TextFlag[] {
  const found = SCHEME.exec(text.replace(/[\p{Cf}\p{Cc}]/gu, ""));
  const name = found?.[1]?.toLowerCase();
  if (name === undefined) return [];
  return [{ kind: "scheme", words: `has a ${name}: address; nothing of it is opened here` }];
}

/** Escape sequences, as the character itself or written out. */
const TERMINAL = /\\(?:x1b|u001b|033|e)\[|(?<!\w)\[(?:\d{1,3};){0,4}\d{1,3}[mKJH](?!\w)/iu;
const ESCAPE = ["\u001b", "\u009b"];
const isForTerminal = (text: string): boolean => TERMINAL.test(text) || ESCAPE.some((code) => text.includes(code));
/** Text that plays a notice of the system. */
const VOICE =
  /\b(?:already|pre-?|auto(?:matically)?[ -]?)\s*approved\b|\[(?:system|admin|console|security)\]|\b(?:system|console|signalbox|security)\s*(?:notice|message|alert|check)?\s*:\s|\bno (?:further )?(?:review|approval) (?:is )?(?:needed|required|necessary)\b|\bpress (?:approve|enter|a)\b/iu;

/** A string value that is itself an object or array with something in it. */
function isNested(text: string): boolean {
  const first = text.trimStart()[0];
  if (first !== "{" && first !== "[") return false;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && Object.keys(value).length > 0;
  } catch {
    return false;
  }
}

/** A label of a host name as people see it: `xn--…` decoded (RFC 3492), or as it is. */
function decodeLabel(label: string): string {
  return /^xn--/i.test(label) ? (decodePunycode(label.slice(4).toLowerCase()) ?? label) : label;
}

const [BASE, T_MIN, T_MAX, SKEW, DAMP, FIRST_BIAS, FIRST_N] = [36, 1, 26, 38, 700, 72, 128];

function decodePunycode(input: string): string | null {
  const dash = input.lastIndexOf("-");
  const output = Array.from(dash > 0 ? input.slice(0, dash) : "", (letter) => letter.codePointAt(0) ?? 0);
  let [n, i, bias] = [FIRST_N, 0, FIRST_BIAS];
  for (let at = dash > 0 ? dash + 1 : 0; at < input.length; ) {
    const before = i;
    let weight = 1;
    for (let k = BASE; ; k += BASE) {
      const digit = digitOf(input.charCodeAt(at));
      at += 1;
      if (digit === null) return null;
      i += digit * weight;
      const threshold = Math.min(T_MAX, Math.max(T_MIN, k - bias));
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    const length = output.length + 1;
    bias = adapt(i - before, length, before === 0);
    n += Math.floor(i / length);
    i %= length;
    if (n > 0x10ffff) return null;
    output.splice(i, 0, n);
    i += 1;
  }
  return String.fromCodePoint(...output);
}

function digitOf(code: number): number | null {
  if (code >= 0x61 && code <= 0x7a) return code - 0x61;
  return code >= 0x30 && code <= 0x39 ? code - 0x30 + 26 : null;
}

function adapt(delta: number, length: number, first: boolean): number {
  let left = Math.floor(delta / (first ? DAMP : 2));
  left += Math.floor(left / length);
  let k = 0;
  for (; left > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) left = Math.floor(left / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * left) / (left + SKEW));
}
