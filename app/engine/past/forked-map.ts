/**
 * A Map over values that others hold as well: each is copied when it is first handed out, so that whoever is given one may
 * change it. It also knows which keys were looked at, set or taken out. Until `settle`; then it is a Map like any other.
 */
export class ForkedMap<V> extends Map<string, V> {
  readonly #copy: (value: V) => V;
  #touched: Set<string> | null = new Set();
  readonly #removed = new Set<string>();

  constructor(copy: (value: V) => V) {
    super();
    this.#copy = copy;
  }

  /** Puts in a value that is held elsewhere. */
  share(key: string, value: V): void {
    super.set(key, value);
  }

  /** Keys that were looked at, set or taken out, in that order; those in `removed` were out in between. */
  changes(): { readonly touched: ReadonlySet<string>; readonly removed: ReadonlySet<string> } {
    return { touched: this.#touched ?? new Set(), removed: this.#removed };
  }

  /** What is in it belongs to others from now on, and is copied anew. */
  begin(): void {
    this.#touched = new Set();
    this.#removed.clear();
  }

  settle(): void {
    this.#touched = null;
  }

  override get(key: string): V | undefined {
    const held = super.get(key);
    if (held === undefined || this.#touched === null || this.#touched.has(key)) return held;
    const own = this.#copy(held);
    this.#touched.add(key);
    super.set(key, own);
    return own;
  }

  override set(key: string, value: V): this {
    if (!super.has(key)) this.#touched?.delete(key);
    this.#touched?.add(key);
    return super.set(key, value);
  }

  override delete(key: string): boolean {
    const had = super.delete(key);
    if (had) {
      this.#touched?.add(key);
      this.#removed.add(key);
    }
    return had;
  }

  override clear(): void {
    for (const key of [...super.keys()]) this.delete(key);
  }

  override *entries(): Generator<[string, V], undefined> {
    // Looked up one by one: an entry may be taken out while they are gone through.
    for (const key of super.keys()) yield [key, this.get(key) as V]; // a key that is there has a value
  }

  override *values(): Generator<V, undefined> {
    for (const [, value] of this.entries()) yield value;
  }

  override [Symbol.iterator](): Generator<[string, V], undefined> {
    return this.entries();
  }

  override forEach(each: (value: V, key: string, map: Map<string, V>) => void): void {
    for (const [key, value] of this.entries()) each(value, key, this);
  }
}
