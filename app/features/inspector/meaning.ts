import type { Provenance } from "./provenance.ts";

/** What a member says, in plain words, and where that comes from. */
export interface Meaning {
  readonly text: string;
  readonly mark: Provenance;
}
export type Meanings = Readonly<Record<string, Meaning>>;

export const ours = (text: string): Meaning => ({ text, mark: "ours" });

/** A token that another one refers to, by id and digest. */
export const reference = (name: string, what: string): Meanings => ({
  [name]: ours(`${what}, by id and digest`),
  [`${name}.jti`]: ours("its id"),
  [`${name}.hash`]: ours("its token digest"),
});
