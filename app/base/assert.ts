/** A broken invariant is a bug: it crashes loudly, with a message that names what was expected. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Bug: ${message}`);
}

/** Ends an exhaustive switch; the compiler refuses it while a case is missing. */
export function assertNever(value: never, what: string): never {
  throw new Error(`Bug: unexpected ${what}: ${JSON.stringify(value)}`);
}

/** The value, where absence would be a bug. */
export function must<T>(value: T | null | undefined, message: string): T {
  assert(value !== null && value !== undefined, message);
  return value;
}
