import { parseStrictJson } from "../../protocol/jcs/strict-json.ts";
import { cutText } from "../../ui/visible-text.ts";

export type ArgumentsForm = "indented" | "exact";

/** The arguments to read: indented, computed from the canonical text, or that text itself. Nothing is left out. */
export function argumentsText(canonicalArgs: string, form: ArgumentsForm): string {
  if (form === "exact") return canonicalArgs;
  const value = parseStrictJson(canonicalArgs);
  return value.ok ? JSON.stringify(value.value, null, 2) : canonicalArgs;
}

/** A piece of JSON text: what stands inside quotes, which comes from an agent, or the rest. */
export interface JsonPiece {
  readonly kind: "string" | "rest";
  readonly text: string;
}

const STRING = /"((?:[^"\\]|\\.)*)("|$)/gs;

/**
 * Splits JSON text at its strings, so that each can be isolated: letters that run from right to left then never pull the
 * quotes, numbers and commas around them out of place (F4). A text cut inside a string ends with that string.
 */
export function jsonPieces(text: string): readonly JsonPiece[] {
  const pieces: JsonPiece[] = [];
  const add = (kind: JsonPiece["kind"], piece: string): void => {
    if (piece !== "") pieces.push({ kind, text: piece });
  };
  let from = 0;
  for (const match of text.matchAll(STRING)) {
    add("rest", text.slice(from, match.index + 1));
    add("string", match[1] ?? "");
    add("rest", match[2] ?? "");
    from = match.index + match[0].length;
  }
  add("rest", text.slice(from));
  return pieces;
}

/** What of the arguments is unfolded; it becomes part of what is signed. */
export interface ArgumentsFold {
  readonly form: ArgumentsForm;
  readonly whole: boolean;
}
export const FIRST_FOLD: ArgumentsFold = { form: "indented", whole: false };

/** Folded, a string shows this much, so that one long value never hides the others; and all of it this much. */
const STRING_CHARACTERS = 400;
const FOLDED_CHARACTERS = 12_000;
const WHOLE_CHARACTERS = 1_000_000;
/** More pieces than this would make the page slow to answer, a stop included. */
const MAX_PIECES = 20_000;

export interface ShownPiece extends JsonPiece {
  /** Characters of this piece that are folded away. */
  readonly hidden: number;
}

export interface ShownArguments {
  readonly pieces: readonly ShownPiece[];
  readonly characters: number;
  readonly charactersShown: number;
}

/** The pieces to draw for a fold, and how much of the whole they are. */
export function shownArguments(canonicalArgs: string, fold: ArgumentsFold): ShownArguments {
  const text = argumentsText(canonicalArgs, fold.form);
  const pieces: ShownPiece[] = [];
  let room = fold.whole ? WHOLE_CHARACTERS : FOLDED_CHARACTERS;
  for (const piece of jsonPieces(text)) {
    if (room <= 0 || pieces.length >= MAX_PIECES) break;
    const most = fold.whole || piece.kind === "rest" ? room : Math.min(room, STRING_CHARACTERS);
    const { head, more } = cutText(piece.text, most);
    pieces.push({ kind: piece.kind, text: head, hidden: more });
    room -= head.length;
  }
  const charactersShown = pieces.reduce((sum, piece) => sum + piece.text.length, 0);
  return { pieces, characters: text.length, charactersShown };
}
