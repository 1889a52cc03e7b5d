import { useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import type { WorkflowSummary } from "../../../api/contract/workflow.ts";
import { Button, IconButton } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Loading, ProblemNote } from "../../../ui/states.tsx";
import { toast } from "../../../ui/toast.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { cutText, visibleText } from "../../../ui/visible-text.ts";
import { formatName } from "../playback/reenactment.tsx";
import { useStoredRuns } from "../queries.ts";
import { OldNote } from "../states-feed.tsx";

type StoredRun = WorkflowSummary["run"];

/** Runs loaded before, which can be started again without their file. */
export function StoredRuns({ onChosen }: { onChosen(digest: string): void }) {
  const stored = useStoredRuns();
  if (stored.data === undefined) {
    return stored.isError ? (
      <ProblemNote problem={problemOf(stored.error)} onRetry={() => void stored.refetch()} />
    ) : (
      <Loading what="the runs loaded before" />
    );
  }
  const { runs } = stored.data;
  if (runs.length === 0 && !stored.isError) return null;
  return (
    <section aria-labelledby="stored-runs" className="flex flex-col gap-2">
      <h3 id="stored-runs" className="font-semibold">
        Loaded before in this browser
      </h3>
      {stored.isError ? <OldNote readAtMs={stored.dataUpdatedAt} /> : null}
      <ul className="border-t border-line">
        {runs.map((run) => (
          <StoredRunRow key={run.digest} run={run} onChosen={() => onChosen(run.digest)} />
        ))}
      </ul>
    </section>
  );
}

function StoredRunRow({ run, onChosen }: { readonly run: StoredRun; onChosen(): void }) {
  const [asked, setAsked] = useState<"not" | "now" | "before">("not");
  const name = visibleText(cutText(run.name, 60).head);
  return (
    <li className="flex flex-wrap items-center gap-3 border-b border-line py-2">
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">
          <UntrustedText text={run.name} maxCharacters={120} />
        </p>
        <p className="text-xs text-faint">
          {formatCount(run.tasks)} tasks · {formatCount(run.agents)} agents · {formatName(run.format)} ·{" "}
          <UntrustedText text={run.source.file} maxCharacters={80} />
        </p>
      </div>
      {asked === "now" ? (
        <Forget run={run} name={name} onClose={() => setAsked("before")} />
      ) : (
        <>
          <IconButton
            writes
            label={`Forget the stored run ${name}`}
            icon={Trash2}
            autoFocus={asked === "before"}
            onPress={() => setAsked("now")}
          />
          <Button writes onPress={onChosen}>
            Start
          </Button>
        </>
      )}
    </li>
  );
}

/** Asks before a recording is deleted, and says what is lost and what is not. */
function Forget({ run, name, onClose }: { readonly run: StoredRun; readonly name: string; onClose(): void }) {
  const { client, orpc } = useApi();
  const queries = useQueryClient();
  const forget = async (): Promise<void> => {
    try {
      await client.workflow.removeRun({ digest: run.digest });
      await queries.invalidateQueries({ queryKey: orpc.workflow.listRuns.key() });
    } catch (error) {
      const problem = problemOf(error);
      toast({ title: problem.title, detail: problem.detail, tone: "warning" });
    }
    onClose();
  };
  return (
    <div
      role="alert"
      className="flex basis-full flex-wrap items-center gap-2 border border-warning bg-warning-soft p-2"
    >
      <p className="min-w-60 flex-1">
        Deletes the recording of {formatCount(run.tasks)} tasks from this browser. It cannot be brought back from here:
        to start it again, its file has to be loaded again. The log keeps all its entries.
      </p>
      <Button autoFocus onPress={onClose}>
        Keep it
      </Button>
      <Button variant="danger" aria-label={`Forget ${name}`} onPress={() => void forget()}>
        Forget it
      </Button>
    </div>
  );
}
