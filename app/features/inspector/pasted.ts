import { createStore } from "zustand/vanilla";
import { MAX_INSPECTED } from "../../api/contract/inspect.ts";

/**
 * The token that was pasted, for as long as this page lives: it is in no URL and in no storage. A text that is far too long
 * to be one is not kept at all, only its length.
 */
export interface Pasted {
  readonly text: string;
  /** Length of a text that was not kept, or null. */
  readonly tooLong: number | null;
}

export const pasted = createStore<Pasted>(() => ({ text: "", tooLong: null }));

/** White space around a token comes from copying it, and is no part of it. */
export function paste(text: string): void {
  const token = text.trim();
  pasted.setState(token.length > MAX_INSPECTED ? { text: "", tooLong: token.length } : { text: token, tooLong: null });
}
