import { useEffect } from "react";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { type OverridePreview, previewOverride } from "../../../operator/override-preview.ts";
import { beyondWords, reachWords } from "../halo/halo-words.ts";
import type { ReachInput } from "../halo/reach.ts";
import { ReachTable } from "../halo/reach-table.tsx";
import { useReach } from "../halo/use-reach.ts";

export interface ReachNoteProps {
  readonly run: RunGraph;
  readonly input: ReachInput;
  readonly preview: OverridePreview;
  /** Agents that are listed one by one. */
  readonly listed: number;
}

/** What the order in the open dialog would touch, in the dialog and, lit, in the graph behind it (S9, N2). */
export function ReachNote({ run, input, preview, listed }: ReachNoteProps) {
  const reach = useReach(input, preview);
  useEffect(() => previewOverride(preview), [preview]);
  if (reach === null) return null;
  const beyond = beyondWords(reach);
  return (
    <div className="space-y-1 border border-line bg-sunken px-3 py-2">
      <p role="status">{reachWords(reach)}</p>
      {beyond === "" ? null : <p className="font-medium text-warning">{beyond}</p>}
      <ReachTable run={run} reach={reach} atMost={listed} />
    </div>
  );
}
