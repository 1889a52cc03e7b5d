import { useCallback, useLayoutEffect, useRef } from "react";

/** A handler that stays the same function while what it does follows the last render, so that memoised parts stay still. */
export function useEvent<Args extends readonly unknown[]>(handle: (...args: Args) => void): (...args: Args) => void {
  const latest = useRef(handle);
  useLayoutEffect(() => {
    latest.current = handle;
  });
  return useCallback((...args: Args) => latest.current(...args), []);
}

/** Reads a value of the last render, through a function that stays the same. */
export function useLatest<T>(value: T): () => T {
  const latest = useRef(value);
  useLayoutEffect(() => {
    latest.current = value;
  });
  return useCallback(() => latest.current, []);
}
