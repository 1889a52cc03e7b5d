import type { ArgumentsFold } from "./arguments-text.ts";
import { ArgumentsView } from "./arguments-view.tsx";
import { ChecksList } from "./checks-list.tsx";
import type { SigningCheck } from "./clear-signing.ts";
import type { CommitmentState } from "./commit/use-commitment.ts";
import { FlagsList } from "./flags-list.tsx";
import type { GateDetail } from "./gate-detail.ts";
import { LineageView } from "./lineage-view.tsx";
import { PreviousView } from "./previous-view.tsx";
import { ReachView } from "./reach-view.tsx";
import { AgentsWords, Predecessors, RequestEntries, Rules } from "./request-context.tsx";
import type { RequestFlag } from "./request-flags.ts";

export interface RequestBodyProps {
  readonly detail: GateDetail;
  readonly checks: readonly SigningCheck[] | null;
  readonly flags: readonly RequestFlag[];
  readonly fold: ArgumentsFold;
  /** Whether the agent's words may be shown, and what was thought before they were. */
  readonly commitment: Pick<CommitmentState, "isDue" | "given">;
  onFold(fold: ArgumentsFold): void;
}

/** Everything a decision about a request rests on, what runs first and what the agent says about it after (ACP-13). */
export function RequestBody({ detail, checks, flags, fold, commitment, onFold }: RequestBodyProps) {
  return (
    <>
      <FlagsList flags={commitment.isDue ? flags.filter(({ place }) => place !== "Agent's words") : flags} />
      <ArgumentsView
        canonicalArgs={detail.canonicalArgs}
        argsHash={detail.argsHash}
        fold={fold}
        checks={checks}
        isReplaced={detail.modified !== null}
        onFold={onFold}
      />
      <PreviousView detail={detail} />
      <ReachView detail={detail} />
      <AgentsWords detail={detail} commitment={commitment} />
      <Rules detail={detail} />
      <LineageView lineage={detail.lineage} />
      <Predecessors detail={detail} />
      <ChecksList checks={checks} steps={detail.steps} />
      <RequestEntries detail={detail} />
    </>
  );
}
