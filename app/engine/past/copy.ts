/** Members that hold what is never changed once it is there: claims as signed, what a verified token said. */
const KEPT: ReadonlySet<string> = new Set(["claims", "ect", "intent"]);

type Members = Record<string, unknown>;

/** A value of a state, so that a change to the copy is none to it: JSON values, Maps and Sets. */
export function copyOf<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  // Each branch makes what it was given.
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (value instanceof Map) return new Map([...value].map(([key, held]) => [key, copyOf(held)])) as T;
  if (value instanceof Set) return new Set([...value].map(copyOf)) as T;
  const copy: Members = {};
  for (const [name, held] of Object.entries(value)) copy[name] = KEPT.has(name) ? held : copyOf(held);
  return copy as T;
}

/** Whether two such values say the same, Maps and Sets in the same order. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Map || a instanceof Set || Array.isArray(a)) {
    if (a.constructor !== b.constructor) return false;
    // Of the same kind, as was just compared.
    const [left, right] = [[...a], [...(b as Iterable<unknown>)]];
    return left.length === right.length && left.every((held, at) => isSame(held, right[at]));
  }
  if (b instanceof Map || b instanceof Set || Array.isArray(b)) return false;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => name in b && isSame((a as Members)[name], (b as Members)[name])); // plain objects
}
