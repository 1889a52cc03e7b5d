import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import type { RunGraph, WorkflowSummary } from "../../../api/contract/workflow.ts";
import { Button } from "../../../ui/button.tsx";
import { Ago } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import type { WorkflowModel } from "../use-workflow.ts";
import { viewOf } from "./rollback-link.ts";

const RollbackPanel = lazy(() => import("./rollback-panel.tsx").then((loaded) => ({ default: loaded.RollbackPanel })));
const RollbackStrip = lazy(() => import("./rollback-strip.tsx").then((loaded) => ({ default: loaded.RollbackStrip })));

export interface RollbacksProps {
  readonly workflow: WorkflowSummary;
  readonly run: RunGraph;
  readonly model: WorkflowModel;
  readonly link: string | undefined;
  onLink(link: string | undefined): void;
  onShow(task: number): void;
}

/** The panel of rollbacks, where the link asks for it; what it takes is no part of the first screen. */
export function Rollbacks({ link, ...props }: RollbacksProps) {
  const view = viewOf(link, props.run.ids.length);
  if (view === null) return null;
  return (
    <Suspense fallback={null}>
      <RollbackPanel {...props} view={view} />
    </Suspense>
  );
}

/** Only where one is not over, or that is not known (L2). */
export function RollbackNote({ wid, onOpen }: { readonly wid: string; onOpen(rbId: string): void }) {
  const { orpc } = useApi();
  const found = useQuery(orpc.rollback.list.queryOptions({ input: { wid } }));
  const rollbacks = (found.data?.rollbacks ?? []).filter(({ phase }) => !OVER.has(phase));
  if (rollbacks.length === 0)
    return found.isError ? (
      <div
        role="status"
        className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-panel px-3 py-1"
      >
        <Mark shape="triangle" tone="warning" label="Rollbacks not known" />
        <span>
          Whether one is under way could not be read
          {found.data === undefined ? "." : "; none was, read "}
          {found.data === undefined ? null : <Ago sinceMs={found.dataUpdatedAt} />}
        </span>
        <Button size="sm" onPress={() => void found.refetch()}>
          Try again
        </Button>
      </div>
    ) : null;
  return (
    <Suspense fallback={null}>
      <RollbackStrip rollbacks={rollbacks} oldSinceMs={found.isError ? found.dataUpdatedAt : null} onOpen={onOpen} />
    </Suspense>
  );
}

const OVER: ReadonlySet<string> = new Set(["confirmed", "aborted", "refused"]);
