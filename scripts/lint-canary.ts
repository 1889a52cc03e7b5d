/**
 * Faults on purpose, which `scripts/lint.mjs` must be told of: a linter that is silent here has looked at nothing, or has
 * not read the types. Nothing imports this file; that is one of the faults.
 */
type Signal = "clear" | "stop";

export function floating(wait: () => Promise<void>): void {
  wait();
}

export function inexhaustive(signal: Signal): number {
  switch (signal) {
    case "clear":
      return 1;
  }
  return 0;
}
