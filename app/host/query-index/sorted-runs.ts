/** Strings that are found by how they begin, a few thousand sorted at a time: no addition takes long. */
export class SortedRuns {
  private readonly runs: (readonly number[])[] = [];
  private readonly texts: string[] = [];
  /** Numbers of the strings not sorted yet. */
  private fresh: number[] = [];

  get size(): number {
    return this.texts.length;
  }

  /** Adds one that is not there; returns its number, counted from 0. */
  add(text: string): number {
    const number = this.texts.length;
    this.texts.push(text);
    this.fresh.push(number);
    if (this.fresh.length >= RUN) {
      this.runs.push(this.fresh.sort((a, b) => compare(this.text(a), this.text(b))));
      this.fresh = [];
    }
    return number;
  }

  text(number: number): string {
    return this.texts[number] ?? "";
  }

  /** Numbers of those that begin so. */
  startingWith(prefix: string): number[] {
    const found: number[] = [];
    for (const run of this.runs) {
      for (let at = this.placeIn(run, prefix); at < run.length; at += 1) {
        const number = run[at] ?? 0;
        if (!this.text(number).startsWith(prefix)) break;
        found.push(number);
      }
    }
    for (const number of this.fresh) if (this.text(number).startsWith(prefix)) found.push(number);
    return found;
  }

  /** The first one of a run that is not before the text. */
  private placeIn(run: readonly number[], text: string): number {
    let low = 0;
    let high = run.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.text(run[middle] ?? 0) < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Strings of one run: sorted in about a millisecond. */
const RUN = 2048;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
