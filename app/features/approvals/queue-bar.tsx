import type { Position } from "../../api/contract/common.ts";
import { useOperator } from "../../operator/operator-context.tsx";
import { Button } from "../../ui/button.tsx";
import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Ago } from "../../ui/instant.tsx";
import { Select } from "../../ui/select.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { type ApprovalsSearch, workflowOf } from "./approvals-search.ts";
import { OUTCOME_WORDS, STATE_CHOICES } from "./names.ts";
import { ManyWait, UndoSetting } from "./queue-bar-parts.tsx";
import type { Decided } from "./send-decision.ts";
import { type Waiting, waitingText } from "./use-waiting.ts";
import { ViewChoice } from "./view-choice.tsx";

interface Filtered {
  readonly search: ApprovalsSearch;
  setSearch(patch: Partial<ApprovalsSearch>): void;
}

export interface QueueBarProps extends Filtered {
  readonly waiting: Waiting;
  readonly position: Position | null;
  readonly last: Decided | null;
}

/** How much waits, which requests are listed, and the decision just recorded. */
export function QueueBar({ search, setSearch, waiting, position, last }: QueueBarProps) {
  const open = search.request !== undefined;
  return (
    <div
      className={`flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1.5 ${
        open && last === null ? "max-md:hidden" : ""
      }`}
    >
      <div className={`flex flex-wrap items-center gap-x-3 gap-y-1 ${open ? "max-md:hidden" : ""}`}>
        <ViewChoice search={search} setSearch={setSearch} />
        <p role="status" className="text-muted">
          {waitingText(waiting)}
        </p>
        <ManyWait waiting={waiting} />
        <Select
          label="State"
          hideLabel
          items={STATE_CHOICES}
          selectedKey={search.state ?? "pending"}
          onSelectionChange={(state) =>
            setSearch({ state: state === "pending" ? undefined : (state as ApprovalsSearch["state"]) })
          }
          className="w-52"
        />
        <WorkflowFilter search={search} setSearch={setSearch} />
        <UndoSetting />
        {position === null ? null : <ReadFrom position={position} />}
      </div>
      <LastDecision last={last} />
    </div>
  );
}

/** The workflow the queue is narrowed to, and the way back to all of them. */
function WorkflowFilter({ search, setSearch }: Filtered) {
  const { wid } = search;
  if (wid === undefined) return null;
  const name = visibleText(wid.slice(0, 8));
  return (
    <Button size="sm" onPress={() => setSearch({ wid: undefined })}>
      {workflowOf(search) === undefined ? `“${name}” is no workflow: all are shown ×` : `Only workflow ${name} ×`}
    </Button>
  );
}

/** Which state of the log the queue was read from, and how old that is (L1). */
function ReadFrom({ position }: { readonly position: Position }) {
  return (
    <span className="text-xs whitespace-nowrap text-muted">
      <span className="max-md:sr-only">read from the log</span> at {formatCount(position.size)} entries,{" "}
      <Ago sinceMs={position.atMs} />
    </span>
  );
}

/**
 * The decision just recorded, for whoever gave it: the next one to sign in here is blind to it (D3). Here and not in a toast:
 * a toast would lie over the buttons of the request that is already open next.
 */
function LastDecision({ last }: { readonly last: Decided | null }) {
  const { operator } = useOperator();
  return (
    <p role="status" className="min-w-0 truncate md:ml-auto">
      {last === null || last.by !== operator?.subject ? null : (
        <>
          {OUTCOME_WORDS[last.outcome].done}: <bdi className="font-mono text-xs">{visibleText(last.action)}</bdi>,
          recorded as{" "}
          <GoLink to="/timeline" search={{ entry: last.seq }}>
            entry {formatCount(last.seq)}
          </GoLink>
          {last.waits ? "; waits for another person" : ""}
        </>
      )}
    </p>
  );
}
