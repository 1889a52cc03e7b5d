import { needleOf, spaced, wordsOf } from "../../protocol/query/words.ts";
import type { Bits } from "./bits.ts";
import type { Dictionary } from "./dictionary.ts";
import { SortedRuns } from "./sorted-runs.ts";

/**
 * Finds words in the values of the text fields. Values repeat a thousand times over: the words of each are noted once, and the
 * value's own list says which entries have it.
 */
export class TextIndex {
  private readonly words = new SortedRuns();
  private readonly numbers = new Map<string, number>();
  /** For each word the values that hold it. */
  private readonly holders: number[][] = [];
  private readonly values: { readonly of: Dictionary; readonly number: number; readonly text: string }[] = [];

  /** A value that is new in its field. */
  add(of: Dictionary, number: number, value: string): void {
    const place = this.values.length;
    const text = spaced(value);
    this.values.push({ of, number, text });
    for (const word of new Set(wordsOf(value))) this.holdersOf(word).push(place);
  }

  private holdersOf(word: string): number[] {
    const known = this.numbers.get(word);
    if (known !== undefined) return this.holders[known] ?? [];
    const holders: number[] = [];
    this.numbers.set(word, this.words.add(word));
    this.holders.push(holders);
    return holders;
  }

  /** Puts the entries that have the term in one of their texts into the set. */
  into(bits: Bits, term: string, exact: boolean): void {
    const needle = needleOf(term, exact);
    if (needle === null) return;
    const words = wordsOf(term);
    // One word is in every value that holds it; several must also stand next to each other.
    const isOne = words.length === 1;
    for (const place of this.candidates(words, exact)) {
      const value = this.values[place];
      if (value !== undefined && (isOne || value.text.includes(needle))) value.of.intoByNumber(bits, value.number);
    }
  }

  /** Values that hold the term's rarest word: the others are looked for in them. */
  private candidates(words: readonly string[], exact: boolean): Iterable<number> {
    const lists = (exact ? words : words.slice(0, -1)).map((word) => {
      const number = this.numbers.get(word);
      return number === undefined ? [] : (this.holders[number] ?? []);
    });
    const [shortest] = lists.sort((a, b) => a.length - b.length);
    if (exact) return shortest ?? [];
    const goingOn = this.words.startingWith(words.at(-1) ?? "").map((number) => this.holders[number] ?? []);
    if (shortest !== undefined && shortest.length <= goingOn.reduce((sum, list) => sum + list.length, 0))
      return shortest;
    return new Set(goingOn.flat());
  }
}
