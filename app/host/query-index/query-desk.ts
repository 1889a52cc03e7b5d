import type { Clock, Sha256 } from "../../base/ports.ts";
import { createSlices } from "../../base/slices.ts";
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

/** Answers queries over the log (XA-21 to XA-24): begins when it is first asked, or before in spare time, and then keeps up. */
export interface QueryDesk {
  select(expression: string): Promise<Selection>;
  /** Makes the index while nobody else wants the thread, so that who asks later need not wait for it. */
  getReady(): void;
}

export interface QueryDeskPorts {
  readonly log: Pick<EventLog, "head" | "read">;
  readonly domain: string;
  readonly index: AuditIndex;
  readonly clock: Clock;
  readonly sha256: Sha256;
  /** Names of the recorded tasks, as they can be read now. */
  names(): Promise<(row: EntryRowCore) => string | null>;
}

/** How long the thread is kept from others while the index is made, ms. */
const SLICE_MS = 2;
/** How long an answer waits for the index before it is given as far as it goes, ms. */
const PATIENCE_MS = 150;

export function createQueryDesk(ports: QueryDeskPorts): QueryDesk {
  const { clock, domain, index: audit, log } = ports;
  let loaded: Promise<Loaded> | null = null;
  let making: Promise<void> | null = null;
  /** Somebody has asked: from then on the index is not made in spare time only. */
  let asked = false;
  /** Told after every slice of the work. */
  const waiting = new Set<() => void>();
  const told = (): void => {
    for (const go of waiting) go();
    waiting.clear();
  };
  const slice = (): Promise<void> => new Promise((resolve) => void waiting.add(resolve));
  const load = (): Promise<Loaded> => {
    loaded ??= loadParts(ports, () => !asked).catch((error: unknown) => {
      // What could not be loaded now is loaded when it is asked for again.
      loaded = null;
      throw error;
    });
    return loaded;
  };

  const keepUp = (parts: Loaded): Promise<void> => {
    const make = async (): Promise<void> => {
      await audit.catchUp();
      await parts.catchUp(told);
    };
    making ??= make().finally(() => {
      making = null;
    });
    return making;
  };

  /** Waits until the index has all entries, or has not come so far in time; how many there are. */
  const wait = async (parts: Loaded): Promise<number> => {
    const head = await log.head(domain);
    let size = Math.max(audit.rows().length, head.ok ? head.value.size : 0);
    const askedMs = clock.monotonicMs();
    let endPatience = (): void => undefined;
    // Until the rows are there no slice of the index is done; from then on every answer goes further than the one before.
    const isEarly = audit.rows().length < size;
    const patience = new Promise<void>((resolve) => {
      if (isEarly) endPatience = clock.after(PATIENCE_MS, resolve);
    });
    while (parts.index.size < size && clock.monotonicMs() - askedMs < PATIENCE_MS) {
      const isOwn = making === null;
      const before = parts.index.size;
      const work = keepUp(parts).then(() => true);
      const isDone = await Promise.race([work, slice(), patience]);
      // What was under way before may have begun before the newest entries came.
      if (isDone !== true || !isOwn) continue;
      // Where the storage gives no more there is nothing to wait for.
      size = audit.rows().length;
      if (parts.index.size === before) break;
    }
    endPatience();
    return size;
  };

  return {
    select: async (expression) => {
      asked = true;
      const parts = await load();
      const size = await wait(parts);
      const startedMs = clock.monotonicMs();
      const answer = parts.ask(expression, Math.floor(clock.nowMs() / 1000));
      const indexed = parts.index.size;
      return { ...answer, indexed, size, complete: indexed >= size, tookMs: clock.monotonicMs() - startedMs };
    },
    getReady: () => {
      // What cannot be read or loaded now is when somebody asks.
      load()
        .then(keepUp)
        .catch(() => undefined);
    },
  };
}

interface Loaded {
  readonly index: QueryIndex;
  catchUp(slice: () => void): Promise<void>;
  ask(text: string, nowS: number): Pick<Selection, "bits" | "problems">;
}

/** The language and the index are not part of a host's start. */
async function loadParts(ports: QueryDeskPorts, isSpare: () => boolean): Promise<Loaded> {
  const { createQueryIndex, createAsk, entryDoc } = await import("./loaded.ts");
  const { log, domain, index: audit, clock, sha256 } = ports;
  const index = createQueryIndex({ slice: audit.causes });
  const ask = createAsk(index);
  const add = (nameOf: (row: EntryRowCore) => string | null, entry: LedgerEntry | null): void => {
    const row = audit.row(index.size);
    if (row !== undefined) index.add(entryDoc(row, nameOf(row), entry, sha256));
  };
  const breathe = createSlices(clock, SLICE_MS, isSpare);
  return {
    index,
    ask,
    catchUp: async (slice) => {
      const rested = async (): Promise<void> => {
        const rest = breathe();
        if (rest === undefined) return;
        slice();
        await rest;
      };
      const nameOf = await ports.names();
      const end = audit.rows().length;
      for await (const chunk of log.read(domain, index.size, end))
        for (const entry of chunk) {
          // What was taken out of the storage has its row all the same.
          while (index.size < entry.seq && index.size < end) add(nameOf, null);
          if (entry.seq === index.size) add(nameOf, entry);
          await rested();
        }
      // At the end as well; what could not be read now is read the next time.
      while (index.size < end && audit.row(index.size)?.typ === "missing") {
        add(nameOf, null);
        await rested();
      }
    },
  };
}
