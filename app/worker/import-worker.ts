import { importRun } from "../agents/importers/import-run.ts";
import { err } from "../base/result.ts";
import type { FromImportWorker, ToImportWorker } from "../protocol/run/import-messages.ts";

/**
 * The import worker: reads recorded runs as streams, so that the page stays free and a cancelled import can be ended from
 * outside at any moment. It keeps nothing: a run leaves it whole or not at all.
 */

/** Progress is posted in steps of this part of the whole. */
const STEPS = 200;

const running = new Map<number, AbortController>();
const post = (message: FromImportWorker): void => self.postMessage(message);

self.onmessage = ({ data }: MessageEvent<ToImportWorker>): void => {
  if (data.t === "cancel") running.get(data.id)?.abort();
  else void read(data.id, data.parts, data.run);
};

async function read(id: number, parts: readonly File[], run: string | undefined): Promise<void> {
  const cancel = new AbortController();
  running.set(id, cancel);
  let told = -1;
  const result = await importRun(parts, {
    signal: cancel.signal,
    run,
    onProgress: ({ bytes, totalBytes }) => {
      const step = totalBytes === 0 ? STEPS : Math.floor((bytes / totalBytes) * STEPS);
      if (step === told) return;
      told = step;
      post({ t: "progress", id, bytes, totalBytes });
    },
  }).catch((error: unknown) =>
    err({
      code: "import_worker_failed" as const,
      file: parts[0]?.name ?? "",
      place: "the whole file",
      expected: "a recording that can be read",
      detail: error instanceof Error ? error.message : "the import stopped",
    }),
  );
  running.delete(id);
  post({ t: "done", id, result });
}
