/** Numbers that only ever get more, in a typed array that doubles. */
export interface Column<Numbers extends Uint8Array | Uint32Array> {
  push(value: number): void;
  readonly length: number;
  /** Those from `from` to `to`, exclusive; not a copy. */
  slice(from: number, to: number): Numbers;
  at(index: number): number;
}

const FIRST = 1024;

export const bytes = (): Column<Uint8Array> => column((size) => new Uint8Array(size));
export const words = (): Column<Uint32Array> => column((size) => new Uint32Array(size));

function column<Numbers extends Uint8Array | Uint32Array>(make: (size: number) => Numbers): Column<Numbers> {
  let values = make(FIRST);
  let length = 0;
  return {
    push: (value) => {
      if (length === values.length) {
        const more = make(length * 2);
        more.set(values);
        values = more;
      }
      values[length] = value;
      length += 1;
    },
    get length() {
      return length;
    },
    slice: (from, to) => values.subarray(from, Math.min(to, length)) as Numbers, // a part of an array is of its kind
    at: (index) => values[index] ?? 0,
  };
}
