import type { Clock, Sha256 } from "../../base/ports.ts";
import { turn } from "../../base/turn.ts";
import type { EventLog } from "../../engine/ports.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import type { QueryProblem } from "../../protocol/query/expression.ts";
import type { AuditIndex } from "../audit-index.ts";
import type { EntryRowCore } from "../entry-row.ts";
import type { Bits } from "./bits.ts";
import type { QueryIndex } from "./query-index.ts";

/** What a query selects, as far as the index has come. */
export interface Selection {
  readonly bits: Bits;
  /** Entries looked at, from the first one; all of them where the answer is complete. */
  readonly indexed: number;
  readonly size: number;
  readonly complete: boolean;
  /** Why nothing is selected. */
  readonly problems: readonly QueryProblem[];
  /** For the evaluation alone, ms. */
  readonly tookMs: number;
}

/** Answers queries over the log (XA-21 to XA-24): begins when it is first asked, and then keeps up. */
export interface QueryDesk {
  select(expression: string): Promise<Selection>;
}

export interface QueryDeskPorts {
  readonly log: Pick<EventLog, "read">;
  readonly domain: string;
  readonly index: AuditIndex;
  readonly clock: Clock;
  readonly sha256: Sha256;
  /** Names of the recorded tasks, as they can be read now. */
  names(): Promise<(row: EntryRowCore) => string | null>;
}

/** How long the thread is kept from others while the index is made, ms. */
const SLICE_MS = 4;
/** How long an answer waits for the index before it is given as far as it goes, ms. */
const PATIENCE_MS = 150;

export function createQueryDesk(ports: QueryDeskPorts): QueryDesk {
  const { clock } = ports;
  let loaded: Promise<Loaded> | null = null;
  let making: Promise<void> | null = null;
  /** Told after every slice of the work. */
  const waiting = new Set<() => void>();
  const told = (): void => {
    for (const go of waiting) go();
    waiting.clear();
  };
  const slice = (): Promise<void> => new Promise((resolve) => void waiting.add(resolve));

  const keepUp = (parts: Loaded): Promise<void> => {
    making ??= parts.catchUp(told).finally(() => {
      making = null;
      told();
    });
    return making;
  };

  return {
    select: async (expression) => {
      loaded ??= load(ports);
      const parts = await loaded;
      await ports.index.catchUp();
      const size = ports.index.rows().length;
      const askedMs = clock.monotonicMs();
      let before = -1;
      // Where the storage gives no more there is nothing to wait for.
      while (parts.index.size < size && parts.index.size > before && clock.monotonicMs() - askedMs < PATIENCE_MS) {
        before = parts.index.size;
        await Promise.race([keepUp(parts), slice()]);
      }
      const startedMs = clock.monotonicMs();
      const answer = parts.ask(expression, Math.floor(clock.nowMs() / 1000));
      const indexed = parts.index.size;
      return { ...answer, indexed, size, complete: indexed >= size, tookMs: clock.monotonicMs() - startedMs };
    },
  };
}

interface Loaded {
  readonly index: QueryIndex;
  catchUp(slice: () => void): Promise<void>;
  ask(text: string, nowS: number): Pick<Selection, "bits" | "problems">;
}

/** The language and the index are not part of a host's start. */
async function load(ports: QueryDeskPorts): Promise<Loaded> {
  const { createQueryIndex, createAsk, entryDoc } = await import("./loaded.ts");
  const { log, domain, index: audit, clock, sha256 } = ports;
  const index = createQueryIndex({ slice: audit.causes });
  const ask = createAsk(index);
  const add = (nameOf: (row: EntryRowCore) => string | null, entry: LedgerEntry | null): void => {
    const row = audit.row(index.size);
    if (row !== undefined) index.add(entryDoc(row, nameOf(row), entry, sha256));
  };
  return {
    index,
    ask,
    catchUp: async (slice) => {
      const nameOf = await ports.names();
      const end = audit.rows().length;
      let sinceMs = clock.monotonicMs();
      const breathe = async (): Promise<void> => {
        if (clock.monotonicMs() - sinceMs < SLICE_MS) return;
        slice();
        await turn();
        sinceMs = clock.monotonicMs();
      };
      for await (const chunk of log.read(domain, index.size, end)) {
        sinceMs = clock.monotonicMs();
        for (const entry of chunk) {
          // What was taken out of the storage has its row all the same.
          while (index.size < entry.seq && index.size < end) add(nameOf, null);
          if (entry.seq === index.size) add(nameOf, entry);
          await breathe();
        }
      }
      // At the end as well; what could not be read now is read the next time.
      while (index.size < end && audit.row(index.size)?.typ === "missing") {
        add(nameOf, null);
        await breathe();
      }
    },
  };
}
