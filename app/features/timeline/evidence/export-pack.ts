import type { SignalboxClient } from "../../../api/client/client.ts";
import type { PageFrame } from "../../../protocol/pack/pack-page.ts";
import { inPage } from "../../../protocol/pack/read-pack.ts";
import type { ExportSink } from "../export-log.ts";

/** Name of a pack's file: which log, what it is about, when; without an end. */
export function packName(domain: string, about: string, atMs: number): string {
  const at = new Date(atMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  return `signalbox-evidence-${domain.replaceAll(/[^A-Za-z0-9.-]/g, "_")}-${about}-${at}Z`;
}

/** Has the request logged and writes the pack it asks for, in its page where there is one. Rejects and discards on failure. */
export async function exportPack(
  client: SignalboxClient,
  given: {
    readonly token: string;
    /** Whose log it is of. */
    readonly domain: string;
    readonly sink: ExportSink;
    readonly frame: PageFrame | null;
    readonly signal: AbortSignal;
  },
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const { token, domain, sink, frame, signal } = given;
  try {
    if (frame !== null) await sink.write(frame.before);
    for await (const { text, done, total } of await client.audit.evidence({ token, domain }, { signal })) {
      if (text !== "") await sink.write(frame === null ? text : inPage(text));
      onProgress(done, total);
    }
    if (frame !== null) await sink.write(frame.after);
    signal.throwIfAborted();
    await sink.finish();
  } catch (error) {
    await sink.discard();
    throw error;
  }
}
