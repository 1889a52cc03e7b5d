import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import type { RunGraph, WorkflowSummary } from "../../../api/contract/workflow.ts";
import type { OverridePreview } from "../../../operator/override-preview.ts";
import { formatCount } from "../../../ui/duration.ts";
import { visibleText } from "../../../ui/visible-text.ts";
import type { WorkflowModel } from "../use-workflow.ts";
import { beyondWords, reachWords } from "./halo-words.ts";
import { ReachTable } from "./reach-table.tsx";
import { useReach, useReachInput } from "./use-reach.ts";

const LISTED = 6;

export interface HaloCardProps {
  readonly preview: OverridePreview;
  readonly workflow: WorkflowSummary;
  readonly run: RunGraph;
  readonly model: WorkflowModel;
}

/**
 * Lights what the override whose control has the pointer or the focus would touch, and says it in words and numbers
 * (N2, S9). Lies above the graph, takes no press, and moves nothing.
 */
export function HaloCard({ preview, workflow, run, model }: HaloCardProps) {
  const { highlight, selection, states } = model;
  const [only] = selection.tasks;
  const taskOf = useMemo(() => {
    const task = preview.scopes.find(({ kind }) => kind === "task");
    return new Map(task === undefined || only === undefined ? [] : [[task.id, only]]);
  }, [preview, only]);
  const input = useReachInput(workflow, run, states, true, taskOf);
  const reach = useReach(input, preview);
  useEffect(() => {
    highlight.setState({ halo: reach?.tasks ?? null });
    return () => highlight.setState({ halo: null });
  }, [highlight, reach]);
  if (reach === null) return null;
  const beyond = beyondWords(reach);
  return (
    <section
      aria-label="What it would touch"
      className="pointer-events-none absolute bottom-3 left-3 z-20 max-w-[min(30rem,calc(100%-1.5rem))] space-y-1 border-2 border-dashed border-strong bg-panel px-3 py-2 shadow-overlay"
    >
      <p className="font-semibold">{preview.words}</p>
      <p role="status">{reachWords(reach)}</p>
      {beyond === "" ? null : <p className="font-medium text-warning">{beyond}</p>}
      {preview.scopes.some(({ kind }) => kind === "domain") ? <Everywhere /> : null}
      <ReachTable run={run} reach={reach} atMost={LISTED} />
    </section>
  );
}

/** What a stop of everything reaches beyond this workflow. */
function Everywhere() {
  const { orpc } = useApi();
  const all = useQuery(orpc.override.agents.queryOptions({ input: {} }));
  if (all.data === undefined)
    return (
      <p className="text-muted">{all.isError ? "How many there are elsewhere could not be read." : "Counting …"}</p>
    );
  const workflows = new Set(all.data.agents.map(({ wid }) => wid)).size;
  return (
    <p>
      In all of {visibleText(all.data.position.domain)}: {formatCount(all.data.agents.length)}{" "}
      {all.data.agents.length === 1 ? "agent" : "agents"} in {formatCount(workflows)}{" "}
      {workflows === 1 ? "workflow" : "workflows"}.
    </p>
  );
}
