import type { Bits } from "./bits.ts";

/**
 * Digests and the entries that name them, as bytes: there are several in every entry, nearly all of them different, and as
 * strings they would take most of the index.
 */
export class DigestRuns {
  private bytes = new Uint8Array(FIRST * SIZE);
  private seqs = new Uint32Array(FIRST);
  private length = 0;
  private readonly runs: Uint32Array[] = [];
  /** Digests from this one on are not sorted yet. */
  private fresh = 0;

  /** `digest` is base64url of 32 bytes, as `digestsIn` takes them out of claims. */
  add(digest: string, seq: number): void {
    if (this.length === this.seqs.length) this.grow();
    let held = 0;
    let bits = 0;
    let at = this.length * SIZE;
    for (let place = 0; place < CHARACTERS; place += 1) {
      held = (held << 6) | (NUMBERS[digest.charCodeAt(place)] ?? 0);
      bits += 6;
      if (bits < 8) continue;
      bits -= 8;
      this.bytes[at] = held >>> bits;
      at += 1;
      held &= (1 << bits) - 1;
    }
    this.seqs[this.length] = seq;
    this.length += 1;
    if (this.length - this.fresh === RUN) this.sort();
  }

  /** Puts the entries that name a digest beginning so into the set; a whole digest has 43 characters. */
  prefixInto(bits: Bits, prefix: string): void {
    const wanted = sixBits(prefix);
    if (wanted === null || wanted.length > CHARACTERS) return;
    for (const run of this.runs) {
      let low = 0;
      let high = run.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (this.compare(run[middle] ?? 0, wanted) < 0) low = middle + 1;
        else high = middle;
      }
      for (; low < run.length && this.compare(run[low] ?? 0, wanted) === 0; low += 1)
        bits.add(this.seqs[run[low] ?? 0] ?? bits.size);
    }
    for (let at = this.fresh; at < this.length; at += 1)
      if (this.compare(at, wanted) === 0) bits.add(this.seqs[at] ?? bits.size);
  }

  /** Whether a digest lies before what begins with `wanted`, is of it, or lies behind. */
  private compare(at: number, wanted: readonly number[]): number {
    for (let place = 0; place < wanted.length; place += 1) {
      const difference = this.sixBitsAt(at, place) - (wanted[place] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  /** A character of the digest's text, as its number. */
  private sixBitsAt(at: number, place: number): number {
    const bit = place * 6;
    const first = at * SIZE + (bit >>> 3);
    const last = (at + 1) * SIZE;
    const next = first + 1 < last ? (this.bytes[first + 1] ?? 0) : 0;
    return ((((this.bytes[first] ?? 0) << 8) | next) >>> (10 - (bit & 7))) & 63;
  }

  private sort(): void {
    const keys = new Map<number, number>();
    const view = new DataView(this.bytes.buffer);
    for (let at = this.fresh; at < this.length; at += 1) keys.set(at, view.getUint32(at * SIZE));
    const run = Uint32Array.from(keys.keys());
    run.sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0) || this.difference(a, b));
    this.runs.push(run);
    this.fresh = this.length;
  }

  private difference(a: number, b: number): number {
    for (let place = 0; place < SIZE; place += 1) {
      const by = (this.bytes[a * SIZE + place] ?? 0) - (this.bytes[b * SIZE + place] ?? 0);
      if (by !== 0) return by;
    }
    return a - b;
  }

  private grow(): void {
    const bytes = new Uint8Array(this.bytes.length * 2);
    bytes.set(this.bytes);
    this.bytes = bytes;
    const seqs = new Uint32Array(this.seqs.length * 2);
    seqs.set(this.seqs);
    this.seqs = seqs;
  }
}

/** Bytes and characters of a digest (SHA-256, base64url). */
const SIZE = 32;
const CHARACTERS = 43;
const FIRST = 2048;
/** Digests of one run: sorted in about a millisecond. */
const RUN = 1024;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The number of each character, by its code. */
const NUMBERS = new Uint8Array(128);
for (let number = 0; number < ALPHABET.length; number += 1) NUMBERS[ALPHABET.charCodeAt(number)] = number;

/** The characters of a part of a digest as their numbers; null where one is none. */
function sixBits(text: string): number[] | null {
  const numbers = Array.from(text, (character) => ALPHABET.indexOf(character));
  return numbers.includes(-1) ? null : numbers;
}
