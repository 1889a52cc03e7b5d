import { sha256 } from "@noble/hashes/sha2.js";
import { ORPCError } from "@orpc/client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import { useCallback, useState } from "react";
import { ApiProvider } from "../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../api/client/client.ts";
import { createConnectionStore } from "../../api/client/connection.ts";
import type { VerifyReport } from "../../api/contract/audit.ts";
import type { EntryRow } from "../../api/contract/common.ts";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import { cachedRangeRoot, inclusionPath, leafHash, type RangeRoot } from "../../protocol/merkle/tree.ts";
import type { QueryDoc } from "../../protocol/query/document.ts";
import type { QueryProblem } from "../../protocol/query/expression.ts";
import { matcherOf } from "../../protocol/query/matches.ts";
import { parseQuery } from "../../protocol/query/parse.ts";
import type { RunBlame } from "../../protocol/run/recorded-run.ts";
import type { EntryDetail } from "./entry-detail.ts";
import { AGENT, entryRow, START } from "./entry-row.fixture.ts";
import { type GivenEntry, lanesPart } from "./lanes/lanes-part.fixture.ts";
import { TimelinePane } from "./timeline-pane.tsx";
import type { SetTimelineSearch, TimelineSearch } from "./timeline-search.ts";

interface EntriesInput {
  readonly expression?: string;
  readonly agent?: string;
  readonly action?: string;
  readonly outcome?: string;
  readonly typ?: string;
  readonly wid?: string;
  readonly cursor?: number;
  readonly order?: "newest" | "oldest";
  readonly limit?: number;
}

function isChosen(row: EntryRow, { agent, ...others }: EntriesInput): boolean {
  return (
    (agent === undefined || row.iss === agent) &&
    Object.entries(others).every(([name, value]) => row[name as keyof EntryRow] === value) // the other filters are called like their members
  );
}

/** An entry as a query sees it: the language itself is the real one. */
const docOf = ({ taskName, ...row }: EntryRow): QueryDoc => ({ ...row, name: taskName, digests: [] });

/** A log with a real tree over rows that are only as real as a list needs, served as the contract says. */
export class FakeLog {
  readonly rows: EntryRow[] = [];
  readonly calls: string[] = [];
  bad: VerifyReport["firstBad"] = null;
  failing: Error | null = null;
  /** How far the index for queries is. */
  indexed = Number.POSITIVE_INFINITY;
  failingFacets: Error | null = null;
  /** Workflows and the tasks of the run they all play. */
  workflows: readonly string[] = [];
  tasks: { readonly ids: readonly string[]; readonly names: readonly string[]; readonly blame?: readonly RunBlame[] } =
    {
      ids: [],
      names: [],
    };
  /** What entries follow from, for the lanes. */
  readonly causes = new Map<number, readonly number[]>();
  /** Logs of other domains, as the lanes read them, and the steps between domains: from, to, as `domain seq`. */
  readonly others = new Map<string, readonly GivenEntry[]>();
  readonly steps: (readonly [string, string])[] = [];
  /** Domains whose clock is apart from this one's. */
  readonly apart: string[] = [];
  /** Another history in the place of the same log. */
  salt = "";

  constructor(size: number) {
    this.append(size);
  }

  append(count: number): void {
    for (let at = 0; at < count; at += 1) this.rows.push(entryRow(this.rows.length));
  }

  private leaf(seq: number): Uint8Array {
    return leafHash(utf8(`${this.salt}entry ${seq}`), sha256);
  }

  private tree(): RangeRoot {
    return cachedRangeRoot(
      this.rows.map((row) => this.leaf(row.seq)),
      sha256,
    );
  }

  root(size = this.rows.length): string {
    return toBase64url(this.tree()(0, size));
  }

  private position() {
    return { domain: "console.local", size: this.rows.length, root: "A".repeat(43), atMs: Date.now() };
  }

  private selected(expression: string): { rows: readonly EntryRow[]; problems: readonly QueryProblem[] } {
    if (expression === "") return { rows: this.rows, problems: [] };
    const parsed = parseQuery(expression);
    if (!parsed.ok) return { rows: [], problems: parsed.error };
    const docs = this.rows.slice(0, this.indexed).map(docOf);
    const matches = matcherOf(parsed.value, { docs, nowS: Math.floor(Date.now() / 1000), causesOf: () => [] });
    return { rows: this.rows.filter((_, seq) => docs[seq] !== undefined && matches(docs[seq])), problems: [] };
  }

  private entries({ expression = "", cursor, order = "newest", limit = 200, ...filter }: EntriesInput) {
    if (this.failing !== null) throw this.failing;
    this.calls.push(`${order} ${cursor ?? "end"} ${limit}`);
    const { rows: selected, problems } = this.selected(expression);
    const found = Object.keys(filter).length === 0 ? selected : selected.filter((row) => isChosen(row, filter));
    const newest = order === "newest";
    const beyond = found.filter((row) => cursor === undefined || (newest ? row.seq < cursor : row.seq > cursor));
    const rows = newest ? beyond.slice(-limit).reverse() : beyond.slice(0, limit);
    const next = beyond.length > rows.length ? (rows.at(-1)?.seq ?? null) : null;
    const indexed = Math.min(this.indexed, this.rows.length);
    const complete = indexed === this.rows.length;
    return { position: this.position(), rows, total: found.length, next, complete, indexed, tookMs: 1, problems };
  }

  entry(seq: number): EntryDetail {
    const row = this.rows[seq];
    if (row === undefined) {
      const data = {
        type: "about:blank",
        title: "Not found",
        status: 404,
        detail: `no entry ${seq}`,
        code: "entry_unknown",
      };
      throw new ORPCError("NOT_FOUND", { defined: true, data });
    }
    const digest = toBase64url(sha256(utf8(`token ${seq}`)));
    const treeSize = this.rows.length;
    return {
      position: this.position(),
      row,
      token: "aGVhZGVy.cGF5bG9hZA.c2ln",
      header: { alg: "EdDSA", typ: row.typ, kid: "k" },
      claims: { iss: AGENT, exec_act: row.action, iat: row.receivedAt },
      digest,
      leaf: toBase64url(this.leaf(seq)),
      steps: [
        { step: 1, check: "size", result: "passed" },
        { step: 2, check: "segments", result: "passed" },
      ],
      receipt: {
        token: "aGVhZGVy.cGF5bG9hZA.c2ln",
        claims: {
          iss: "spiffe://console.local/log",
          iat: row.receivedAt,
          jti: row.jti ?? "",
          sub_hash: digest,
          seq,
          received_at: row.receivedAt,
          submitter: row.submitter,
          tree_size: treeSize,
          root: this.root(),
          path: inclusionPath(seq, treeSize, this.tree()).map(toBase64url),
          vds: 1,
        },
        verified: true,
        detail: "the entry is a leaf under this root",
      },
      links: seq === 0 ? [] : [{ rel: "predecessor", seq: seq - 1, jti: `p${seq}` }],
    };
  }

  report(): VerifyReport {
    const { bad } = this;
    const size = bad?.seq ?? this.rows.length;
    const answer = { result: bad === null ? "passed" : "not_checked", detail: "as far as it went" } as const;
    const plain = { authentic: answer, consistent: answer, complete: answer, plausible: answer };
    const included = bad === null ? answer : ({ result: "failed", detail: bad.detail } as const);
    const root = size === 0 ? "A".repeat(43) : this.root(size);
    return { size, root, ...plain, included, firstBad: bad, entriesBefore: size, atMs: Date.now(), tookMs: 12 };
  }

  client(): SignalboxClient {
    const log = this;
    const counts = (of: "typ" | "action" | "outcome" | "iss"): [string, number][] => {
      const found = new Map<string, number>();
      for (const row of log.rows) found.set(row[of] ?? "", (found.get(row[of] ?? "") ?? 0) + 1);
      return [...found];
    };
    const client = {
      audit: {
        entries: async (input: EntriesInput) => log.entries(input),
        query: async (input: EntriesInput) => log.entries(input),
        lanes: async ({ domain, from = 0, limit = 50_000 }: { domain?: string; from?: number; limit?: number }) =>
          domain !== undefined
            ? lanesPart(log.others.get(domain) ?? [], from, domain)
            : lanesPart(
                log.rows.slice(from, from + limit).map((row) => ({
                  at: row.receivedAt,
                  actor: row.iss,
                  typ: row.typ,
                  wid: row.wid,
                  action: row.action,
                  outcome: row.outcome,
                  name: row.taskName,
                  severity: row.severity,
                  causes: log.causes.get(row.seq) ?? [],
                  task: row.task === null ? null : log.rows.findIndex(({ task }) => task === row.task),
                  place: row.task === null ? null : log.tasks.ids.indexOf(row.task.slice(1)),
                })),
                from,
              ),
        selected: async ({ expression, domain }: { expression: string; domain?: string }) => {
          if (domain !== undefined) return { bits: "", complete: true, indexed: 0, total: 0, problems: [] };
          const { rows, problems } = log.selected(expression);
          const bits = new Uint8Array(Math.ceil(log.rows.length / 8));
          for (const { seq } of rows) bits[seq >> 3] = (bits[seq >> 3] ?? 0) | (1 << (seq & 7));
          const all = { complete: true, indexed: log.rows.length, total: rows.length };
          return { position: log.position(), bits: toBase64url(bits), ...all, problems };
        },
        entry: async ({ seq }: { seq: number }) => log.entry(seq),
        records: async () => ({ position: log.position(), isIssued: false, records: [] }),
        facets: async () => {
          if (log.failingFacets !== null) throw log.failingFacets;
          return {
            position: log.position(),
            typs: counts("typ"),
            agents: counts("iss"),
            actions: counts("action"),
            outcomes: counts("outcome"),
            workflows: log.workflows.map((wid) => [wid, 1]),
          };
        },
        heads: async () => ({ position: log.position(), logId: "spiffe://console.local/log", latest: null, count: 1 }),
        verify: async function verify() {
          return (async function* events() {
            yield { type: "progress" as const, checked: log.rows.length, total: log.rows.length };
            yield { type: "report" as const, report: log.report() };
          })();
        },
        export: async () =>
          (async function* chunks() {
            yield { text: '{"entries":[', done: 0, total: log.rows.length };
            yield { text: log.rows.map((row) => row.seq).join(","), done: log.rows.length, total: log.rows.length };
            yield { text: "]}", done: log.rows.length, total: log.rows.length };
          })(),
        verifyExport: async ({ text }: { text: string }) =>
          (async function* events() {
            const of = { log_id: "spiffe://elsewhere/log", domain: "elsewhere", exported_at: START };
            yield { type: "progress" as const, checked: 0, total: log.rows.length };
            yield { type: "report" as const, manifest: { ...of, entries: text.length }, report: log.report() };
          })(),
      },
      domains: {
        list: async () => ({
          position: log.position(),
          domains: [
            { domain: "console.local", kind: "console", size: log.rows.length },
            ...[...log.others].map(([domain, entries]) => ({ domain, kind: "beside", size: entries.length })),
          ],
          offsets: log.apart.map((domain) => ({ a: "console.local", b: domain, apart: true })),
        }),
        trail: async () => ({
          nodes: [...new Set(log.steps.flat())].map((key) => {
            const [domain = "", seq = ""] = key.split(" ");
            return { key, domain, seq: Number(seq) };
          }),
          edges: log.steps,
        }),
      },
      workflow: {
        list: async () => ({
          position: log.position(),
          workflows: log.workflows.map((wid) => ({
            wid,
            run: { digest: "run", name: "nightly", annotated: log.tasks.blame?.length },
          })),
        }),
        graph: async () => log.tasks,
      },
    };
    return client as unknown as SignalboxClient; // a proxy's type, which no plain object has
  }
}

/** Without the console's style sheet the list would be as long as its content: only what makes it scroll. */
const STYLE = `[aria-label="Log entries"]{height:320px;overflow:auto;position:relative}
[aria-label="Log entries"] [role=option]{position:absolute;top:0;left:0;right:0}
section[aria-label=Findings]{position:relative;z-index:5;background:#fff}
[role=application]{position:relative;overflow:hidden}
[role=application]>div{position:absolute;inset:0}
[role=application] canvas{display:block;width:100%;height:100%}
[role=grid]{height:320px;overflow:auto;position:relative}
[role=rowgroup]:last-child{position:relative}
[role=rowgroup]:last-child [role=row]{position:absolute;top:0;left:0;right:0}`;

interface Url {
  search: TimelineSearch;
  choose: SetTimelineSearch;
}

/** Holds the pane's URL parameters as the router would. */
function InMemory({ url }: { readonly url: Url }) {
  const [search, setSearch] = useState(url.search);
  const choose = useCallback<SetTimelineSearch>(
    (patch) => {
      const merged = Object.entries({ ...url.search, ...patch }).filter(([, value]) => value !== undefined);
      url.search = Object.fromEntries(merged);
      setSearch(url.search);
    },
    [url],
  );
  url.choose = choose;
  return <TimelinePane search={search} setSearch={choose} />;
}

export function openTimeline(log: FakeLog, search: TimelineSearch = {}) {
  const client = log.client();
  const connection = createConnectionStore(0);
  connection.setState({ state: "leader" });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const url: Url = { search, choose: () => undefined };
  const shown = render(
    <QueryClientProvider client={queries}>
      <ApiProvider client={client} control={client} connection={connection}>
        <style>{STYLE}</style>
        <InMemory url={url} />
      </ApiProvider>
    </QueryClientProvider>,
  );
  /** What a change notice of the host does: the audit area is asked again. */
  const notice = () => queries.invalidateQueries({ queryKey: [["audit"]] });
  return { ...shown, url, connection, notice };
}
