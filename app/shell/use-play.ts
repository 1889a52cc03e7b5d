import { useQueryClient } from "@tanstack/react-query";
import { useApi } from "../api/client/api-context.tsx";
import { problemOf } from "../api/client/problem.ts";
import { toast } from "../ui/toast.tsx";

export interface PlayChange {
  readonly paused?: boolean;
  readonly step?: boolean;
}

/** Plays a re-enactment from outside its view: what became of it is said, because it may not be in sight. */
export function usePlay(): (wid: string, change: PlayChange, done: string) => void {
  const { client, orpc } = useApi();
  const queries = useQueryClient();
  return (wid, change, done) => {
    client.workflow.playback({ wid, ...change }).then(
      () => {
        toast({ title: done, tone: "neutral" });
        void queries.invalidateQueries({ queryKey: orpc.workflow.key() });
      },
      (error: unknown) => {
        const { title, detail } = problemOf(error);
        toast({ title, detail, tone: "warning" });
      },
    );
  };
}
