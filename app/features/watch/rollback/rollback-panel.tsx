import { useMemo } from "react";
import type { RunGraph, WorkflowSummary } from "../../../api/contract/workflow.ts";
import { Button } from "../../../ui/button.tsx";
import { Drawer } from "../../../ui/drawer.tsx";
import { useAgentIds } from "../order/use-agent-ids.ts";
import type { WorkflowModel } from "../use-workflow.ts";
import { ListView } from "./list-view.tsx";
import { NamesContext } from "./names.tsx";
import { PlanView } from "./plan-view.tsx";
import { planLink, type RollbackView } from "./rollback-link.ts";
import { WatchView } from "./watch-view.tsx";

export interface RollbackPanelProps {
  readonly workflow: WorkflowSummary;
  readonly run: RunGraph;
  readonly model: WorkflowModel;
  readonly view: RollbackView;
  /** Puts another view into the link; undefined closes the panel. */
  onLink(link: string | undefined): void;
  onShow(task: number): void;
}

const TITLES = { plan: "Roll back: dry run", watch: "Rollback", list: "Rollbacks" } as const;

/** Beside the graph or the table, which go on being used: a cut is chosen there (J6). */
export function RollbackPanel({ workflow, run, model, view, onLink, onShow }: RollbackPanelProps) {
  const { wid } = workflow;
  const agents = useAgentIds(wid, run);
  const names = useMemo(() => ({ run, agents, onShow }), [run, agents, onShow]);
  return (
    <NamesContext value={names}>
      <Drawer
        title={TITLES[view.kind]}
        isOpen
        onClose={() => onLink(undefined)}
        actions={
          view.kind === "list" ? null : (
            <Button size="sm" variant="quiet" onPress={() => onLink("list")}>
              All rollbacks
            </Button>
          )
        }
      >
        {view.kind === "plan" ? (
          <PlanView
            workflow={workflow}
            model={model}
            cut={view.cut}
            onCut={(cut) => onLink(planLink(cut))}
            onOrdered={onLink}
          />
        ) : view.kind === "watch" ? (
          <WatchView key={view.rbId} rbId={view.rbId} model={model} />
        ) : (
          <ListView wid={wid} onOpen={onLink} />
        )}
      </Drawer>
    </NamesContext>
  );
}
