import { useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import { Button, IconButton } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { toast } from "../../../ui/toast.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { formatName } from "../playback/reenactment.tsx";
import { useStoredRuns } from "../queries.ts";

/** Runs loaded before, which can be started again without their file. */
export function StoredRuns({ onChosen }: { onChosen(digest: string): void }) {
  const { client, orpc } = useApi();
  const queries = useQueryClient();
  const runs = useStoredRuns().data?.runs ?? [];
  if (runs.length === 0) return null;
  const forget = async (digest: string): Promise<void> => {
    try {
      await client.workflow.removeRun({ digest });
      await queries.invalidateQueries({ queryKey: orpc.workflow.listRuns.key() });
    } catch (error) {
      const problem = problemOf(error);
      toast({ title: problem.title, detail: problem.detail, tone: "warning" });
    }
  };
  return (
    <section aria-labelledby="stored-runs" className="flex flex-col gap-2">
      <h3 id="stored-runs" className="font-semibold">
        Loaded before in this browser
      </h3>
      <ul className="border-t border-line">
        {runs.map((run) => (
          <li key={run.digest} className="flex items-center gap-3 border-b border-line py-2">
            <div className="min-w-0 flex-1">
              <p className="truncate font-medium">
                <UntrustedText text={run.name} maxCharacters={120} />
              </p>
              <p className="text-xs text-faint">
                {formatCount(run.tasks)} tasks · {formatCount(run.agents)} agents · {formatName(run.format)} ·{" "}
                <UntrustedText text={run.source.file} maxCharacters={80} />
              </p>
            </div>
            <IconButton
              label={`Forget the stored run ${run.name.slice(0, 60)}`}
              icon={Trash2}
              onPress={() => void forget(run.digest)}
            />
            <Button onPress={() => onChosen(run.digest)}>Start</Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
