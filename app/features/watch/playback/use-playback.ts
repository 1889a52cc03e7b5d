import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import { toast } from "../../../ui/toast.tsx";
import type { LiveAnswer } from "../queries.ts";
import { nextSpeed } from "./position.ts";

export interface PlaybackControl {
  toggle(): void;
  step(): void;
  slower(): void;
  faster(): void;
  speed(speed: number): void;
}

/** Plays a re-enactment; the host's answer is shown at once, its change notice follows. */
export function usePlayback(wid: string): PlaybackControl {
  const { client, orpc } = useApi();
  const queries = useQueryClient();
  return useMemo(() => {
    const key = orpc.workflow.states.queryOptions({ input: { wid } }).queryKey;
    const known = () => queries.getQueryData<LiveAnswer>(key)?.playback;
    const ask = (change: { speed?: number; paused?: boolean; step?: boolean }): void => {
      client.workflow.playback({ wid, ...change }).then(
        (playback) => {
          queries.setQueryData<LiveAnswer>(key, (before) =>
            before === undefined ? before : { ...before, playback, position: { ...before.position, atMs: Date.now() } },
          );
        },
        (error: unknown) => {
          const problem = problemOf(error);
          toast({ title: problem.title, detail: problem.detail, tone: "warning" });
        },
      );
    };
    const faster = (step: 1 | -1): void => {
      const { speed } = known() ?? { speed: 1 };
      const next = nextSpeed(speed, step);
      if (next !== speed) ask({ speed: next });
    };
    return {
      toggle: () => ask({ paused: !(known()?.paused ?? false) }),
      step: () => ask({ step: true }),
      slower: () => faster(-1),
      faster: () => faster(1),
      speed: (speed) => ask({ speed }),
    };
  }, [client, orpc, queries, wid]);
}
