import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import type { WorkflowSummary } from "../../../api/contract/workflow.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Mark } from "../../../ui/mark.tsx";

/** A line for a run that goes on no more: it was stopped, or it has ended. */
export function StatusNote({ workflow, onRestart }: { readonly workflow: WorkflowSummary; onRestart(): void }) {
  const { counts, wid } = workflow;
  if (workflow.status === "stopped") return <Stopped onRestart={onRestart} />;
  if (workflow.status === "finished") {
    const words = (["done", "failed", "refused", "stopped", "blocked"] as const)
      .filter((state) => (counts[state] ?? 0) > 0)
      .map((state) => `${formatCount(counts[state] ?? 0)} ${state}`);
    return (
      <Line tone="plain">
        <Mark shape="dot" tone="neutral" label="Finished" />
        <span className="text-muted">
          All {formatCount(workflow.run.tasks)} tasks have ended: {words.join(", ")}.
        </span>
        <GoLink to="/timeline" search={{ wid }}>
          Its entries in the timeline
        </GoLink>
      </Line>
    );
  }
  return null;
}

/** Restart is offered only when no stop is latched: a release permits it, nothing starts by itself (S4). */
function Stopped({ onRestart }: { onRestart(): void }) {
  const { orpc } = useApi();
  const overrides = useQuery(orpc.override.list.queryOptions());
  const latched = overrides.data?.latched;
  return (
    <Line tone="critical">
      <Mark shape="square" tone="critical" label="Stopped" />
      {latched === undefined ? (
        <span className="text-muted">Whether a stop is still in force is being read.</span>
      ) : latched > 0 ? (
        <>
          <span>
            {formatCount(latched)} {latched === 1 ? "stop is" : "stops are"} in force. Nothing can start before the
            release.
          </span>
          <GoLink to="/control">Stops and release</GoLink>
        </>
      ) : (
        <>
          <span>No stop is in force any more. Nothing starts by itself.</span>
          <Button writes size="sm" onPress={onRestart}>
            Start again under a new policy
          </Button>
          <GoLink to="/control">What was stopped</GoLink>
        </>
      )}
    </Line>
  );
}

function Line({ tone, children }: { readonly tone: "plain" | "critical"; readonly children: React.ReactNode }) {
  const look = tone === "plain" ? "border-line bg-panel" : "border-critical bg-critical-soft";
  return (
    <div role="status" className={`flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b px-3 py-1 ${look}`}>
      {children}
    </div>
  );
}
