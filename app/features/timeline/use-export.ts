import { useEffect, useRef, useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import type { Position } from "../../api/contract/common.ts";
import { formatCount } from "../../ui/duration.ts";
import { toast } from "../../ui/toast.tsx";
import { exportLog, exportName, openSink } from "./export-log.ts";

/** Progress of an export under way, or null. */
export type ExportProgress = { readonly done: number; readonly total: number } | null;

/** Exports the log to a file; one export at a time. */
export function useExport(position: Position | null) {
  const { client } = useApi();
  const [progress, setProgress] = useState<ExportProgress>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const run = async (at: Position, control: AbortController): Promise<void> => {
    const sink = await openSink(exportName(at.domain, at.size, Date.now()));
    if (sink === null) return;
    setProgress({ done: 0, total: at.size });
    const entries = await exportLog(client, sink, control.signal, (done, total) => setProgress({ done, total }));
    toast({ title: "Log exported", detail: `${formatCount(entries)} entries, with heads and keys.`, tone: "neutral" });
  };
  const start = (): void => {
    if (position === null || running.current !== null) return;
    const control = new AbortController();
    running.current = control;
    void run(position, control)
      .catch((error: unknown) => {
        const { title, detail } = problemOf(error);
        if (!control.signal.aborted) toast({ title: `Not exported: ${title}`, detail, tone: "critical" });
      })
      .then(() => {
        running.current = null;
        setProgress(null);
      });
  };
  return { progress, start, cancel: () => running.current?.abort() };
}
