import type { Bits } from "./bits.ts";
import { SortedRuns } from "./sorted-runs.ts";

/** The values of one field, each with the entries that have it, in order. */
export class Dictionary {
  private readonly numbers = new Map<string, number>();
  private readonly values = new SortedRuns();
  /** Most ids stand in one entry: that one, and a list only from the second on. */
  private readonly first: number[] = [];
  private readonly more: (number[] | undefined)[] = [];

  /** Notes that an entry has a value; returns the value's number, and whether it is new. */
  add(value: string, seq: number): { readonly number: number; readonly isNew: boolean } {
    const known = this.numbers.get(value);
    if (known === undefined) {
      const number = this.values.add(value);
      this.numbers.set(value, number);
      this.first.push(seq);
      this.more.push(undefined);
      return { number, isNew: true };
    }
    const rest = this.more[known];
    if (rest === undefined) {
      if (this.first[known] !== seq) this.more[known] = [seq];
    } else if (rest.at(-1) !== seq) rest.push(seq);
    return { number: known, isNew: false };
  }

  /** The first entry that has a value. */
  firstOf(value: string): number | null {
    const number = this.numbers.get(value);
    return number === undefined ? null : (this.first[number] ?? null);
  }

  /** Puts the entries that have the value into the set. */
  into(bits: Bits, value: string): void {
    const number = this.numbers.get(value);
    if (number !== undefined) this.intoByNumber(bits, number);
  }

  prefixInto(bits: Bits, prefix: string): void {
    for (const number of this.values.startingWith(prefix)) this.intoByNumber(bits, number);
  }

  intoByNumber(bits: Bits, number: number): void {
    bits.add(this.first[number] ?? bits.size);
    for (const seq of this.more[number] ?? []) bits.add(seq);
  }
}
