import { must } from "../../base/assert.ts";
import type { Json } from "../../base/json.ts";
import { inTurns } from "../../base/turn.ts";
import { keptAnchors } from "../../host/anchor-store.ts";
import { keptView } from "../../host/kept-views.ts";
import type { Host } from "../../host/open-host.ts";
import { STH_TYPE } from "../../protocol/audit/tree-head.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { type PackNote, packNote, planPack } from "../../protocol/pack/build-pack.ts";
import type { PackAnchor } from "../../protocol/pack/claims.ts";
import type { EvidenceRequestClaims, Selection } from "../../protocol/pack/request.ts";
import type { ExportChunk } from "./export-log.ts";

/** A request that is in the log. */
export interface LoggedRequest {
  readonly seq: number;
  readonly hash: string;
  readonly claims: EvidenceRequestClaims;
}

/** XA-30: the pack that a logged request asks for, piece by piece: all but the entries first, then those as they are stored. */
export async function* exportPack(host: Host, request: LoggedRequest): AsyncGenerator<ExportChunk> {
  const { engine, ports } = host;
  const { domain, logId } = engine.ids;
  const { sha256 } = ports;
  const heads = await headsOver(host, request.seq);
  const total = sizeOf(heads.at(-1) ?? "");
  const notes: PackNote[] = [];
  for await (const chunk of ports.storage.log.read(domain, 0, total)) {
    for (const entry of chunk) notes.push(packNote(entry, sha256));
    yield { text: "", done: Math.floor(notes.length / 2), total };
  }
  const objects = await storedObjects(host, notes);
  const planning = planPack({
    ...{ logId, domain, notes, heads, request, objects, sha256 },
    anchors: await anchorsUpTo(host, total),
    selected: await selectedBy(host, request.claims.selection),
    nowS: Math.floor(ports.clock.nowMs() / 1000),
    jti: ports.ids.uuid(),
  });
  // Work of this thread alone, and much of it for a long log: a stop that comes meanwhile goes first.
  const plan = await inTurns(planning);
  const seal = await engine.signAsLog(plan.sealTyp, plan.seal);
  const { signalbox_pack, manifest, ...parts } = plan.pack;
  const first = JSON.stringify({ signalbox_pack, manifest, seal, ...parts });
  yield { text: `${first.slice(0, -1)},"entries":[`, done: Math.floor(total / 2), total };
  let written = 0;
  let read = 0;
  for await (const chunk of ports.storage.log.read(domain, 0, total)) {
    const texts = chunk.flatMap((entry) => {
      const kept = plan.entry(entry);
      return kept === null ? [] : [JSON.stringify(kept)];
    });
    read += chunk.length;
    const text = texts.length === 0 ? "" : `${written === 0 ? "" : ","}${texts.join(",")}`;
    written += texts.length;
    yield { text, done: Math.floor((total + read) / 2), total };
  }
  yield { text: "]}", done: total, total };
}

/** Every head up to one over at least the entry of the request. */
async function headsOver({ engine, ports }: Host, seq: number): Promise<readonly string[]> {
  await engine.issueHead();
  const stored = await ports.storage.log.heads(engine.ids.domain);
  const heads = must(stored.ok ? stored.value : null, "the heads of a log that was just written to can be read");
  must(sizeOf(heads.at(-1) ?? "") > seq ? true : null, "a head that was just issued is over what was logged before");
  return heads;
}

function sizeOf(head: string): number {
  const parsed = parseCompact(head);
  const claims = parsed.ok ? STH_TYPE.schema.safeParse(parsed.value.payload) : null;
  return claims?.success === true ? claims.data.tree_size : 0;
}

/** Checkpoints of this log that others have seen, up to so many entries. */
async function anchorsUpTo({ ports }: Host, total: number): Promise<PackAnchor[]> {
  const kept = await keptAnchors(ports.storage.values);
  const fitting = kept.ok ? kept.value.filter(({ size }) => size <= total) : [];
  return fitting.map(({ note, witnesses }) => ({ note, keys: witnesses.map(({ verifierKey }) => verifierKey) }));
}

/** Recorded runs and kept views, as far as they are stored. */
async function storedObjects({ ports }: Host, notes: readonly PackNote[]): Promise<Map<string, Json>> {
  const { objects: store, values } = ports.storage;
  const objects = new Map<string, Json>();
  for (const name of new Set(notes.flatMap(({ note }) => note.object ?? []))) {
    const stored = await store.get(name);
    if (stored.ok && stored.value !== undefined && stored.value !== null) objects.set(name, stored.value as Json); // stored as JSON
  }
  for (const hash of new Set(notes.flatMap(({ note }) => note.view?.hash ?? []))) {
    const view = await keptView(values, hash);
    if (view !== undefined) objects.set(hash, view);
  }
  return objects;
}

async function selectedBy(host: Host, selection: Selection): Promise<(seq: number) => boolean> {
  if (selection.kind === "all") return () => true;
  await host.index.catchUp();
  if (selection.kind === "workflow") return (seq) => host.index.row(seq)?.wid === selection.wid;
  let found = await host.queries.select(selection.expression);
  // Answers come as far as the index has got; a pack waits for all of it.
  for (
    let before = -1;
    !found.complete && found.indexed > before;
    found = await host.queries.select(selection.expression)
  )
    before = found.indexed;
  return (seq) => found.bits.has(seq);
}
