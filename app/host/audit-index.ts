import { must } from "../base/assert.ts";
import { fromBase64url } from "../base/bytes.ts";
import type { Sha256 } from "../base/ports.ts";
import type { Breath } from "../base/slices.ts";
import { type Fact, factOfEntry, type LoggedFact } from "../engine/fact.ts";
import type { EventLog } from "../engine/ports.ts";
import type { LedgerEntry } from "../protocol/audit/claims.ts";
import { cachedRangeRoot, inclusionPath } from "../protocol/merkle/tree.ts";
import { type EntryRowCore, entryRow } from "./entry-row.ts";
import { type CauseSlice, createLaneIndex } from "./lane-index.ts";

/** What is asked of the log's entries; every member narrows. */
export interface EntryFilter {
  readonly wid?: string | undefined;
  readonly agent?: string | undefined;
  readonly action?: string | undefined;
  readonly outcome?: string | undefined;
  readonly typ?: string | undefined;
  readonly text?: string | undefined;
}

/**
 * The read model of the log for lists: one small row an entry, in memory, made from what was appended and, on first use,
 * from what is stored. Also keeps the leaves, from which inclusion proofs are made.
 */
export interface AuditIndex {
  /** Reads what is stored and not indexed yet. */
  catchUp(): Promise<void>;
  appended(logged: readonly LoggedFact[], entries: readonly LedgerEntry[]): void;
  rows(): readonly EntryRowCore[];
  row(seq: number): EntryRowCore | undefined;
  seqOf(jti: string): number | null;
  /** Rows that name this token id as theirs or their task. */
  about(jti: string): readonly number[];
  search(filter: EntryFilter, nameOf: (row: EntryRowCore) => string | null): readonly EntryRowCore[];
  /** How often each value occurs, most frequent first. */
  facet(of: Facet): [string, number][];
  leaf(seq: number): Uint8Array | undefined;
  /** What the entries from `from` to `to`, exclusive, follow from. */
  causes(from: number, to: number): CauseSlice;
  /** RFC 9162 §2.1.3 path of an entry in the tree of the first `size` entries. */
  inclusion(seq: number, size: number): Uint8Array[];
}

export type Facet = "typ" | "iss" | "action" | "outcome" | "wid";
const FACETS: readonly Facet[] = ["typ", "iss", "action", "outcome", "wid"];

/** With `breathe` a long log is read in slices. */
export function createAuditIndex(
  log: Pick<EventLog, "head" | "read">,
  domain: string,
  sha256: Sha256,
  breathe?: Breath,
): AuditIndex {
  const rows: EntryRowCore[] = [];
  const leaves: Uint8Array[] = [];
  const byJti = new Map<string, number>();
  const byTask = new Map<string, number[]>();
  const counts = new Map(FACETS.map((facet) => [facet, new Map<string, number>()]));
  let reading: Promise<void> | null = null;
  const seqOf = (jti: string): number | null => byJti.get(jti) ?? null;
  const about = (jti: string): readonly number[] => byTask.get(jti) ?? [];
  const lanes = createLaneIndex({ seqOf, about });

  const add = (row: EntryRowCore, leaf: string, fact: Fact | null): void => {
    if (row.seq !== rows.length) return;
    lanes.add(row, fact);
    rows.push(row);
    for (const [facet, values] of counts) {
      const value = row[facet];
      if (value !== null) values.set(value, (values.get(value) ?? 0) + 1);
    }
    leaves.push(fromBase64url(leaf) ?? new Uint8Array());
    if (row.jti !== null && !byJti.has(row.jti)) byJti.set(row.jti, row.seq);
    if (row.task !== null) byTask.set(row.task, [...(byTask.get(row.task) ?? []), row.seq]);
  };

  const missing = (seq: number, receivedAt: number) => placeholder(domain, seq, "missing", receivedAt);

  const read = async (): Promise<void> => {
    const head = await log.head(domain);
    if (!head.ok) return;
    for await (const chunk of log.read(domain, rows.length, head.value.size)) {
      for (const entry of chunk) {
        // What was taken out of the storage is listed as that, and what comes after it is listed all the same.
        while (rows.length < entry.seq)
          add(missing(rows.length, rows.at(-1)?.receivedAt ?? entry.received_at), "", null);
        const fact = factOfEntry(entry);
        add(
          fact.ok
            ? entryRow(domain, entry.seq, entry.received_at, entry.submitter, fact.value)
            : { ...placeholder(domain, entry.seq, "unreadable", entry.received_at), submitter: entry.submitter },
          entry.leaf,
          fact.ok ? fact.value : null,
        );
        const rest = breathe?.();
        if (rest !== undefined) await rest;
      }
    }
  };

  return {
    catchUp: async () => {
      const head = await log.head(domain);
      if (!head.ok) return;
      // A reading that is under way may have begun before the newest entries came.
      for (let isOwn = false; !isOwn && rows.length < head.value.size; ) {
        isOwn = reading === null;
        reading ??= read().finally(() => {
          reading = null;
        });
        await reading;
      }
    },
    appended: (logged, entries) => {
      logged.forEach((fact, at) => {
        const entry = must(entries[at], "every logged fact has its entry");
        add(entryRow(domain, fact.seq, fact.receivedAt, entry.submitter, fact.fact), entry.leaf, fact.fact);
      });
    },
    rows: () => rows,
    row: (seq) => rows[seq],
    seqOf,
    about,
    causes: lanes.slice,
    search: (filter, nameOf) => {
      if (Object.values(filter).every((value) => value === undefined || value === "")) return rows;
      const text = filter.text?.trim().toLowerCase() ?? "";
      return rows.filter((row) => {
        if (filter.wid !== undefined && row.wid !== filter.wid) return false;
        if (filter.typ !== undefined && row.typ !== filter.typ) return false;
        if (filter.agent !== undefined && row.iss !== filter.agent) return false;
        if (filter.action !== undefined && row.action !== filter.action) return false;
        if (filter.outcome !== undefined && row.outcome !== filter.outcome) return false;
        if (text === "") return true;
        return [row.action, row.outcome, row.iss, row.jti, row.typ, row.task, nameOf(row)].some(
          (part) => part?.toLowerCase().includes(text) === true,
        );
      });
    },
    facet: (of) => [...must(counts.get(of), "every facet is counted")].sort((a, b) => b[1] - a[1]),
    leaf: (seq) => leaves[seq],
    inclusion: (seq, size) => inclusionPath(seq, size, cachedRangeRoot(leaves, sha256)),
  };
}

/** An entry that is not there, or whose token cannot be read, is listed as that, never left out. */
function placeholder(domain: string, seq: number, what: "missing" | "unreadable", receivedAt: number): EntryRowCore {
  return {
    domain,
    seq,
    receivedAt,
    typ: what,
    jti: null,
    iss: null,
    wid: null,
    action: what,
    outcome: null,
    task: null,
    severity: "critical",
    submitter: "",
  };
}
