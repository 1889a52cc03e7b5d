import type { SignalboxClient } from "../../api/client/client.ts";

/** Where an export goes: a file the operator chose, or memory that becomes a download. */
export interface ExportSink {
  write(text: string): Promise<void>;
  finish(): Promise<void>;
  /** Nothing half-written stays. */
  discard(): Promise<void>;
}

/** What a file is, for the dialog that asks where it goes: accepted endings by media type. */
export interface FileKind {
  readonly description: string;
  readonly accept: Record<string, string[]>;
}

type SaveFilePicker = (options: { suggestedName: string; types: FileKind[] }) => Promise<FileSystemFileHandle>;

const LOG: FileKind = { description: "Signalbox log", accept: { "application/json": [".json"] } };

/** Asks for a file where the browser lets a page write one; null when the operator chose none. */
export async function openSink(name: string, kind = LOG): Promise<ExportSink | null> {
  const picker = (window as { showSaveFilePicker?: SaveFilePicker }).showSaveFilePicker;
  if (picker === undefined) return downloadSink(name, kind);
  try {
    const handle = await picker.call(window, {
      suggestedName: name,
      types: [kind],
    });
    return fileSink(await handle.createWritable());
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    // The picker may be forbidden where the page is embedded or driven: a download works there.
    return downloadSink(name, kind);
  }
}

function fileSink(file: FileSystemWritableFileStream): ExportSink {
  return { write: (text) => file.write(text), finish: () => file.close(), discard: () => file.abort() };
}

function downloadSink(name: string, { accept }: FileKind): ExportSink {
  const [type = "application/json"] = Object.keys(accept);
  let parts: string[] = [];
  return {
    write: async (text) => {
      parts.push(text);
    },
    finish: async () => {
      const url = URL.createObjectURL(new Blob(parts, { type }));
      const link = document.createElement("a");
      link.href = url;
      link.download = name;
      link.click();
      // The browser has taken the blob over by the next task.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    },
    discard: async () => {
      parts = [];
    },
  };
}

/** Name of an export: which log, how long, when. */
export function exportName(domain: string, size: number, atMs: number): string {
  const at = new Date(atMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  return `signalbox-log-${domain.replaceAll(/[^A-Za-z0-9.-]/g, "_")}-${size}-${at}Z.json`;
}

/** Writes the whole log (XA-19) into a sink; returns the entries written. Rejects and discards on failure or abort. */
export async function exportLog(
  client: SignalboxClient,
  sink: ExportSink,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<number> {
  let entries = 0;
  try {
    for await (const chunk of await client.audit.export(undefined, { signal })) {
      await sink.write(chunk.text);
      entries = chunk.done;
      onProgress(chunk.done, chunk.total);
    }
    signal.throwIfAborted();
    await sink.finish();
    return entries;
  } catch (error) {
    await sink.discard();
    throw error;
  }
}
