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
import type { EntryDetail } from "./entry-detail.ts";
import { AGENT, entryRow, START } from "./entry-row.fixture.ts";
import { TimelinePane } from "./timeline-pane.tsx";
import type { SetTimelineSearch, TimelineSearch } from "./timeline-search.ts";

interface EntriesInput {
  readonly cursor?: number;
  readonly order?: "newest" | "oldest";
  readonly limit?: number;
  readonly action?: string;
  readonly typ?: string;
  readonly text?: string;
  readonly wid?: string;
}

function matches(row: EntryRow, { action, typ, text, wid }: EntriesInput): boolean {
  return (
    (action === undefined || row.action === action) &&
    (typ === undefined || row.typ === typ) &&
    (wid === undefined || row.wid === wid) &&
    (text === undefined || row.taskName?.includes(text) === true)
  );
}

/** A log with a real tree over rows that are only as real as a list needs, served as the contract says. */
export class FakeLog {
  readonly rows: EntryRow[] = [];
  readonly calls: string[] = [];
  bad: VerifyReport["firstBad"] = null;
  failing: Error | null = null;
  failingFacets: Error | null = null;
  /** Workflows and the tasks of the run they all play. */
  workflows: readonly string[] = [];
  tasks: { readonly ids: readonly string[]; readonly names: readonly string[] } = { ids: [], names: [] };
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

  private entries({ cursor, order = "newest", limit = 200, ...filter }: EntriesInput) {
    if (this.failing !== null) throw this.failing;
    this.calls.push(`${order} ${cursor ?? "end"} ${limit}`);
    const found = Object.keys(filter).length === 0 ? this.rows : this.rows.filter((row) => matches(row, filter));
    const newest = order === "newest";
    const beyond = found.filter((row) => cursor === undefined || (newest ? row.seq < cursor : row.seq > cursor));
    const rows = newest ? beyond.slice(-limit).reverse() : beyond.slice(0, limit);
    const next = beyond.length > rows.length ? (rows.at(-1)?.seq ?? null) : null;
    return { position: this.position(), rows, total: found.length, next };
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
        entry: async ({ seq }: { seq: number }) => log.entry(seq),
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
        verifyExport: async ({ text }: { text: string }) => ({
          manifest: { log_id: "spiffe://elsewhere/log", domain: "elsewhere", entries: text.length, exported_at: START },
          report: log.report(),
        }),
      },
      workflow: {
        list: async () => ({
          position: log.position(),
          workflows: log.workflows.map((wid) => ({ wid, run: { digest: "run", name: "nightly" } })),
        }),
        graph: async () => log.tasks,
      },
    };
    return client as unknown as SignalboxClient; // a proxy's type, which no plain object has
  }
}

/** Without the console's style sheet the list would be as long as its content: only what makes it scroll. */
const STYLE = `[aria-label="Log entries"]{height:320px;overflow:auto;position:relative}
[aria-label="Log entries"] [role=option]{position:absolute;top:0;left:0;right:0}`;

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
