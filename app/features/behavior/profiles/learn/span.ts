/** A part of the log as it is chosen: all of it, from an entry to another, or from a time to another. */
export interface SpanChoice {
  readonly by: "all" | "entries" | "times";
  readonly from: string;
  readonly to: string;
}

export const WHOLE_LOG: SpanChoice = { by: "all", from: "", to: "" };

/** Entries from <= seq < to; or what is wrong with what was chosen. */
export type Span =
  | { readonly ok: true; readonly from: number; readonly to: number }
  | { readonly ok: false; readonly message: string };

const WHOLE = /^\d+$/;

/** The entries of a choice by numbers; `size` is that of the log. Nothing at an end is that end of the log. */
export function entriesOf({ by, from, to }: SpanChoice, size: number): Span {
  if (by === "all") return span(0, size);
  if ((from !== "" && !WHOLE.test(from)) || (to !== "" && !WHOLE.test(to)))
    return { ok: false, message: "numbers of entries" };
  // What is chosen is told and given with its last entry.
  return span(from === "" ? 0 : Number(from), Math.min(size, to === "" ? size : Number(to) + 1));
}

export const span = (from: number, to: number): Span =>
  from < to ? { ok: true, from, to } : { ok: false, message: "nothing is in it: it ends before it begins" };
