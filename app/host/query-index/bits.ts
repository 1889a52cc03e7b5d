/** A set of entries, a bit each: what the parts of a query are put together with. */
export class Bits {
  /** Entries it can hold: 0 to size, exclusive. */
  readonly size: number;
  private readonly words: Uint32Array;

  constructor(size: number) {
    this.size = size;
    this.words = new Uint32Array((size + 31) >>> 5);
  }

  add(seq: number): void {
    if (seq < this.size) this.words[seq >>> 5] = (this.words[seq >>> 5] ?? 0) | (1 << (seq & 31));
  }

  has(seq: number): boolean {
    return seq >= 0 && seq < this.size && (((this.words[seq >>> 5] ?? 0) >>> (seq & 31)) & 1) === 1;
  }

  /** All from `from` to `to`, exclusive. */
  addRange(from: number, to: number): this {
    const first = Math.max(0, from);
    const end = Math.min(this.size, to);
    let seq = first;
    while (seq < end && (seq & 31) !== 0) this.add(seq++);
    for (; seq + 32 <= end; seq += 32) this.words[seq >>> 5] = 0xffff_ffff;
    while (seq < end) this.add(seq++);
    return this;
  }

  /** What is here and there: made here. */
  and(other: Bits): this {
    for (let at = 0; at < this.words.length; at += 1) this.words[at] = (this.words[at] ?? 0) & (other.words[at] ?? 0);
    return this;
  }

  or(other: Bits): this {
    for (let at = 0; at < this.words.length; at += 1) this.words[at] = (this.words[at] ?? 0) | (other.words[at] ?? 0);
    return this;
  }

  /** What is not here: made here. */
  not(): this {
    for (let at = 0; at < this.words.length; at += 1) this.words[at] = ~(this.words[at] ?? 0);
    const over = this.size & 31;
    const last = this.words.length - 1;
    if (over !== 0) this.words[last] = (this.words[last] ?? 0) & ((1 << over) - 1);
    return this;
  }

  count(): number {
    let sum = 0;
    for (const word of this.words) {
      let bits = word - ((word >>> 1) & 0x5555_5555);
      bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
      sum += Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
    }
    return sum;
  }

  /** A bit an entry, the lowest of each byte first. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array((this.size + 7) >>> 3);
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = (this.words[at >>> 2] ?? 0) >>> ((at & 3) * 8);
    return bytes;
  }

  /** The first one after `seq`, or -1. */
  next(seq: number): number {
    for (let at = Math.max(0, seq + 1); at < this.size; ) {
      const rest = (this.words[at >>> 5] ?? 0) >>> (at & 31);
      if (rest !== 0) return at + 31 - Math.clz32(rest & -rest);
      at = (at | 31) + 1;
    }
    return -1;
  }

  /** The last one before `seq`, or -1. */
  previous(seq: number): number {
    for (let at = Math.min(this.size, seq) - 1; at >= 0; ) {
      const rest = (this.words[at >>> 5] ?? 0) << (31 - (at & 31));
      if (rest !== 0) return at - Math.clz32(rest);
      at = (at & ~31) - 1;
    }
    return -1;
  }
}
