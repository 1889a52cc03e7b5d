/** How far something long is. */
export interface ProgressEvent {
  readonly type: "progress";
  readonly checked: number;
  readonly total: number;
}

/**
 * Runs something long and tells how far it is, the newest word only; then gives what came of it. Whoever goes away before
 * that ends it: the signal that it is given is aborted then.
 */
export async function* withProgress<T>(
  run: (progress: (checked: number, total: number) => void, signal: AbortSignal) => Promise<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<ProgressEvent, T> {
  let latest: ProgressEvent | null = null;
  let wake: () => void = () => undefined;
  let done = false;
  const left = new AbortController();
  const progress = (checked: number, total: number): void => {
    latest = { type: "progress", checked, total };
    wake();
  };
  const running = run(progress, signal === undefined ? left.signal : AbortSignal.any([signal, left.signal])).finally(
    () => {
      done = true;
      wake();
    },
  );
  // Heard here as well: it may fail while nobody waits for it.
  running.catch(() => undefined);
  try {
    while (!done) {
      const told: ProgressEvent | null = latest;
      latest = null;
      if (told !== null) yield told;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
    return await running;
  } finally {
    left.abort();
  }
}
