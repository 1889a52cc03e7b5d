import type { CheckerFor } from "../../protocol/audit/entry-check.ts";
import { type CheckPool, type CheckPoolPorts, openCheckPool } from "./check-pool.ts";

export interface FileChecks {
  readonly checker: CheckerFor;
  /** Ends the workers, whatever they are at. */
  close(): void;
}

/** Workers for the verification of one file, made when it has as many entries as are worth it. */
export function fileChecks(ports: CheckPoolPorts): FileChecks {
  let pool: CheckPool | null = null;
  return {
    checker: (entries, ownIds) => {
      if (entries < ports.from) return null;
      pool ??= openCheckPool(ports, ownIds);
      return pool;
    },
    close: () => pool?.close(),
  };
}
