type Source<T> = AsyncIterable<T> | Iterable<T>;

/** The same values, each asked for while the one before it is being worked on: reading and working go on side by side. */
export async function* readAhead<T>(source: Source<T>): AsyncGenerator<T> {
  const values =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : (source[Symbol.iterator]() as Iterator<T>); // one of the two
  const ask = async (): Promise<IteratorResult<T>> => values.next();
  let next = ask();
  try {
    for (let found = await next; found.done !== true; found = await next) {
      next = ask();
      // Who stops before it is wanted does not hear that it failed; who goes on awaits it above.
      next.catch(() => undefined);
      yield found.value;
    }
  } finally {
    await next.catch(() => undefined);
    await values.return?.();
  }
}
