export type Path = readonly (string | number)[];

/** A copy of a JSON document with another value at a place; undefined takes the member out. What is not there is made. */
export function changed(document: unknown, [head, ...rest]: Path, value: unknown): unknown {
  if (head === undefined) return value;
  if (Array.isArray(document) && typeof head === "number") {
    const copy: unknown[] = [...document];
    if (rest.length === 0 && value === undefined) copy.splice(head, 1);
    else copy[head] = changed(copy[head], rest, value);
    return copy;
  }
  const members = typeof document === "object" && document !== null ? (document as Record<string, unknown>) : {};
  const next = changed(members[head], rest, value);
  if (next !== undefined) return { ...members, [head]: next };
  const { [head]: _gone, ...others } = members;
  return others;
}
