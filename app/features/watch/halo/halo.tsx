import { lazy, Suspense } from "react";
import { useStore } from "zustand";
import type { RunGraph, WorkflowSummary } from "../../../api/contract/workflow.ts";
import { overridePreview } from "../../../operator/override-preview.ts";
import type { WorkflowModel } from "../use-workflow.ts";

const HaloCard = lazy(() => import("./halo-card.tsx").then((loaded) => ({ default: loaded.HaloCard })));

export interface HaloProps {
  readonly workflow: WorkflowSummary;
  readonly run: RunGraph;
  readonly model: WorkflowModel;
}

/** Waits for a control of an override to be looked at; what it then takes is no part of the first screen. */
export function Halo(props: HaloProps) {
  const preview = useStore(overridePreview, ({ shown }) => shown);
  if (preview === null) return null;
  return (
    <Suspense fallback={null}>
      <HaloCard preview={preview} {...props} />
    </Suspense>
  );
}
