import { fromBase64url, toBase64url } from "../../base/bytes.ts";
import type { Host } from "../../host/open-host.ts";
import { type ReceiptClaims, receiptClaimsSchema } from "../../protocol/audit/claims.ts";
import { STH_TYPE } from "../../protocol/audit/tree-head.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import { verifyInclusion } from "../../protocol/merkle/verify.ts";
import type { Area } from "../contract/audit.ts";
import { asOf } from "./as-of.ts";
import { auditTokenHandlers } from "./audit-tokens.ts";
import { api, errorFor, positionOf, valueOr } from "./base.ts";
import { readRuns, showRow, taskNameOf } from "./entries.ts";
import { evidenceHandlers } from "./evidence-handlers.ts";
import { linksOf } from "./links.ts";
import { mayLeave } from "./may-leave.ts";
import { ofDomain } from "./of-domain.ts";
import { openEntry, storedEntry } from "./open-token.ts";
import { queryPage, selectedOf } from "./query.ts";
import { withProgress } from "./with-progress.ts";

/** Change notices at most this often, ms; the first of a burst arrives at once. */
const NOTICE_EVERY_MS = 100;

export const auditOperations = {
  watch: api.audit.watch.handler(async function* ({ context: { host }, signal }) {
    const waiting = new Set<Area>();
    let hint: string | null = null;
    let wake: (() => void) | null = null;
    const forget = host.changes.listen((areas, about) => {
      for (const area of areas) waiting.add(area);
      hint = about;
      wake?.();
    });
    const stop = (): void => wake?.();
    signal?.addEventListener("abort", stop);
    try {
      while (signal?.aborted !== true) {
        if (waiting.size === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = null;
          continue;
        }
        const areas = [...waiting];
        waiting.clear();
        yield { position: await positionOf(host), areas, hint };
        await new Promise<void>((resolve) => host.ports.clock.after(NOTICE_EVERY_MS, resolve));
      }
    } finally {
      forget();
      signal?.removeEventListener("abort", stop);
    }
  }),

  entries: api.audit.entries.use(ofDomain).handler(async ({ context: { host }, input }) => {
    await host.index.catchUp();
    const runs = await readRuns(host);
    const { wid, agent, action, outcome, typ, text } = input;
    const filter = { wid, agent, action, outcome, typ, text };
    const found = host.index.search(filter, (row) => taskNameOf(host, runs, row));
    const rows = [];
    const ordered = input.order === "oldest" ? found : found.toReversed();
    const from =
      input.cursor === undefined ? 0 : ordered.findIndex((row) => isPast(row.seq, input.cursor ?? 0, input.order));
    for (const row of from < 0 ? [] : ordered.slice(from, from + input.limit)) rows.push(showRow(host, runs, row));
    const last = rows.at(-1);
    const more = from >= 0 && from + rows.length < ordered.length;
    return {
      position: await positionOf(host),
      rows,
      total: found.length,
      next: more && last !== undefined ? last.seq : null,
    };
  }),

  instant: api.audit.instant.handler(async ({ context: { host }, input, errors }) => {
    const { instantOf } = await import("./instant.ts");
    // The newest is that of the position told: entries may come while its time is looked up.
    const position = await positionOf(host);
    return { position, ...valueOr(await instantOf(host, position.size, input), errors) };
  }),

  why: api.audit.why.use(asOf).handler(async ({ context: { host }, input, errors }) => {
    const { whyOf } = await import("./why.ts");
    const why = valueOr(await whyOf(host, input), errors);
    return { position: await positionOf(host), ...why };
  }),

  lanes: api.audit.lanes
    .use(ofDomain)
    // Not part of every start: the worker loads it when somebody looks at the lanes.
    .handler(async ({ context: { host }, input }) => {
      const { lanesPart } = await import("./lanes.ts");
      return lanesPart(host, input.from, input.limit);
    }),

  query: api.audit.query.use(ofDomain).handler(({ context: { host }, input }) => queryPage(host, input)),

  selected: api.audit.selected
    .use(ofDomain)
    .handler(({ context: { host }, input }) => selectedOf(host, input.expression)),

  facets: api.audit.facets.use(ofDomain).handler(async ({ context: { host } }) => {
    await host.index.catchUp();
    return {
      position: await positionOf(host),
      typs: host.index.facet("typ"),
      agents: host.index.facet("iss"),
      actions: host.index.facet("action"),
      outcomes: host.index.facet("outcome"),
      workflows: host.index.facet("wid"),
    };
  }),

  entry: api.audit.entry.use(ofDomain).handler(async ({ context: { host }, input, errors }) => {
    await host.index.catchUp();
    const runs = await readRuns(host);
    const entry = await storedEntry(host, input.seq);
    const row = host.index.row(input.seq);
    if (entry === null || row === undefined)
      throw errorFor(refusal("entry_unknown", `the log has no entry ${input.seq}`), errors);
    const opened = await openEntry(host, entry);
    return {
      position: await positionOf(host),
      row: showRow(host, runs, row),
      token: entry.token,
      header: opened.header,
      claims: opened.claims,
      digest: opened.digest,
      leaf: entry.leaf,
      steps: opened.steps,
      receipt: await issueReceipt(host, input.seq, opened.digest, entry.received_at, entry.submitter),
      links: linksOf(host, input.seq, opened.claims),
    };
  }),

  inspect: api.audit.inspect.handler(async ({ context: { host }, input, errors }) => {
    const { inspect } = await import("./inspect.ts");
    return valueOr(await inspect(host, input), errors);
  }),

  verify: api.audit.verify.use(ofDomain).handler(async function* ({ context: { host }, signal, errors }) {
    const report = yield* withProgress((progress, left) => host.integrity.verify(progress, left), signal);
    if (report.unfinished !== null) throw errorFor({ ...report.unfinished, retry: true }, errors);
    yield { type: "report" as const, report };
  }),

  heads: api.audit.heads.use(ofDomain).handler(async ({ context: { host }, errors }) => {
    const heads = valueOr(await host.ports.storage.log.heads(host.engine.ids.domain), errors);
    const token = heads.at(-1);
    const parsed = token === undefined ? null : parseCompact(token);
    const claims = parsed?.ok === true ? STH_TYPE.schema.safeParse(parsed.value.payload) : null;
    return {
      position: await positionOf(host),
      logId: host.engine.ids.logId,
      latest: token !== undefined && claims?.success === true ? { token, claims: claims.data } : null,
      count: heads.length,
    };
  }),

  export: api.audit.export
    .use(mayLeave)
    .use(ofDomain)
    .handler(async function* ({ context: { host } }) {
      const { exportLog } = await import("./export-log.ts");
      yield* exportLog(host);
    }),

  ...auditTokenHandlers,
  ...evidenceHandlers,

  verifyExport: api.audit.verifyExport.handler(async function* ({ context: { host }, input, signal, errors }) {
    const { verifyExportText } = await import("./verify-files.ts");
    const verified = yield* withProgress((progress, left) => verifyExportText(host, input, progress, left), signal);
    yield { type: "report" as const, ...valueOr(verified, errors) };
  }),
};

const isPast = (seq: number, cursor: number, order: "newest" | "oldest"): boolean =>
  order === "oldest" ? seq > cursor : seq < cursor;

/** A receipt for an entry against the tree as it is now, checked the way its reader checks it (V2). */
export async function issueReceipt(host: Host, seq: number, digest: string, receivedAt: number, submitter: string) {
  const { ports, engine } = host;
  const head = await engine.read((_state, at) => at);
  const leaf = host.index.leaf(seq);
  const path = host.index.inclusion(seq, head.size);
  const claims: ReceiptClaims = {
    iss: engine.ids.logId,
    iat: Math.floor(ports.clock.nowMs() / 1000),
    jti: ports.ids.uuid(),
    sub_hash: digest,
    seq,
    received_at: receivedAt,
    submitter,
    tree_size: head.size,
    root: head.root,
    path: path.map((node) => toBase64url(node)),
    vds: 1,
  };
  const token = await engine.signAsLog("audit-receipt+jwt", receiptClaimsSchema.parse(claims));
  const root = fromBase64url(head.root);
  const verified =
    leaf !== undefined &&
    root !== null &&
    verifyInclusion({ index: seq, size: head.size, leaf, path, root }, ports.sha256);
  const detail = verified
    ? `the entry is leaf ${seq} of the ${head.size} under this root`
    : "the stored entry does not lead to the log's root";
  return { token, claims, verified, detail };
}
