import type { Host } from "../../host/open-host.ts";
import type { LogExport } from "../../protocol/audit/claims.ts";

/** Text of an export, piece by piece, with how many entries are in it so far. */
export interface ExportChunk {
  readonly text: string;
  readonly done: number;
  readonly total: number;
}

/** XA-19: one self-contained JSON document: manifest, keys, heads, the objects tokens refer to, and every entry as stored. */
export async function* exportLog(host: Host): AsyncGenerator<ExportChunk> {
  const { engine, ports } = host;
  const { domain, logId } = engine.ids;
  await engine.issueHead();
  const { head, keys, runs } = await engine.read((state, at) => ({
    head: at,
    keys: [...state.keys.values()].map(({ kid, subject, jwk }) => ({ kid, subject, jwk })),
    runs: [...new Set([...state.workflows.values()].map((workflow) => workflow.run))],
  }));
  const heads = await ports.storage.log.heads(domain);
  const objects: Record<string, unknown> = {};
  for (const digest of runs) {
    const stored = await ports.storage.objects.get(digest);
    if (stored.ok && stored.value !== undefined && stored.value !== null) objects[digest] = stored.value;
  }
  const manifest: LogExport["manifest"] = {
    log_id: logId,
    domain,
    exported_at: Math.floor(ports.clock.nowMs() / 1000),
    from: 0,
    entries: head.size,
    heads: heads.ok ? heads.value.length : 0,
    keys: keys.length,
    objects: Object.keys(objects).length,
    root: head.root,
    tree_size: head.size,
  };
  const { ownCheckpoint } = await import("../../host/own-checkpoint.ts");
  const signed = await ownCheckpoint(host, head);
  const checkpoint = signed.ok ? { checkpoint: signed.value.note } : {};
  const first = { signalbox_log: 1, manifest, keys, heads: heads.ok ? heads.value : [], ...checkpoint, objects };
  yield { text: `${JSON.stringify(first).slice(0, -1)},"entries":[`, done: 0, total: head.size };
  let done = 0;
  for await (const chunk of ports.storage.log.read(domain, 0, head.size)) {
    const text = chunk.map((entry) => JSON.stringify(entry)).join(",");
    yield { text: done === 0 ? text : `,${text}`, done: done + chunk.length, total: head.size };
    done += chunk.length;
  }
  yield { text: "]}", done, total: head.size };
}
