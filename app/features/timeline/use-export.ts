import { useContext, useEffect, useRef, useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../api/client/client.ts";
import { problemOf } from "../../api/client/problem.ts";
import type { Position } from "../../api/contract/common.ts";
import { OperatorContext } from "../../operator/operator-context.tsx";
import type { OperatorSession } from "../../operator/session.ts";
import { noteRead } from "../../operator/use-note-read.ts";
import { formatCount } from "../../ui/duration.ts";
import { toast } from "../../ui/toast.tsx";
import { exportLog, exportName, openSink } from "./export-log.ts";

/** Progress of an export under way, or null. */
export type ExportProgress = { readonly done: number; readonly total: number } | null;

/** Writes the log into a file that the operator chooses, says so, and has it recorded who did (XA-18); false where none was chosen. */
export async function exportToFile(
  client: SignalboxClient,
  session: OperatorSession | null,
  at: Position,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<boolean> {
  const sink = await openSink(exportName(at.domain, at.size, Date.now()));
  if (sink === null) return false;
  onProgress(0, at.size);
  noteRead(client, session, "export");
  const entries = await exportLog(client, sink, signal, onProgress);
  toast({ title: "Log exported", detail: `${formatCount(entries)} entries, with heads and keys.`, tone: "neutral" });
  return true;
}

export function sayNotExported(error: unknown): void {
  const { title, detail } = problemOf(error);
  toast({ title: `Not exported: ${title}`, detail, tone: "critical" });
}

/** Exports the log to a file; one export at a time. */
export function useExport(position: Position | null) {
  const { client } = useApi();
  const session = useContext(OperatorContext);
  const [progress, setProgress] = useState<ExportProgress>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const start = (): void => {
    if (position === null || running.current !== null) return;
    const control = new AbortController();
    running.current = control;
    void exportToFile(client, session, position, control.signal, (done, total) => setProgress({ done, total }))
      .catch((error: unknown) => {
        if (!control.signal.aborted) sayNotExported(error);
      })
      .then(() => {
        running.current = null;
        setProgress(null);
      });
  };
  return { progress, start, cancel: () => running.current?.abort() };
}
