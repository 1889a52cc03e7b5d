import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useApi } from "../../../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../../../api/client/client.ts";
import type { SpanChoice } from "../learn/span.ts";
import { useSpan } from "../learn/span-fields.tsx";

export type ReplayAnswer = Awaited<ReturnType<SignalboxClient["behavior"]["replay"]>>;

const MAX_SHOWN = 100;

export interface ReplayProgress {
  readonly checked: number;
  readonly total: number;
}

export interface ProfileReplay {
  readonly answer: ReplayAnswer | null;
  /** The draft that was replayed last, and over what; null before. */
  readonly of: { readonly text: string; readonly choice: SpanChoice } | null;
  readonly isRunning: boolean;
  /** Tasks judged of how many; null before that is known. */
  readonly progress: ReplayProgress | null;
  readonly error: unknown;
  run(text: string, choice: SpanChoice, size: number): void;
  cancel(): void;
}

/** Replays drafts over the log; what a draft is signed on is an answer for exactly its text. */
export function useProfileReplay(onBadSpan: (message: string) => void): ProfileReplay {
  const { client } = useApi();
  const spanOf = useSpan();
  const running = useRef<AbortController | null>(null);
  const [progress, setProgress] = useState<ReplayProgress | null>(null);
  const replay = useMutation({
    mutationFn: async ({ text, choice, size }: { text: string; choice: SpanChoice; size: number }) => {
      const ending = new AbortController();
      running.current = ending;
      setProgress(null);
      const found = await spanOf(choice, size);
      if (!found.ok) {
        onBadSpan(found.message);
        return null;
      }
      ending.signal.throwIfAborted();
      const profile = JSON.parse(text) as Record<string, unknown>; // only a draft that passed its check is replayed
      const { from, to } = found;
      const asked = { profile, span: { from, to }, limit: MAX_SHOWN };
      for await (const event of await client.behavior.replaying(asked, { signal: ending.signal }))
        if (event.type === "answer") return event.answer;
        else setProgress(event);
      throw new Error("The replay ended without an answer.");
    },
  });
  const { mutate } = replay;
  // Nobody waits for it any more.
  useEffect(() => () => running.current?.abort(), []);
  return {
    answer: replay.data ?? null,
    of: replay.isSuccess && replay.data !== null ? replay.variables : null,
    isRunning: replay.isPending,
    progress,
    error: replay.isError && running.current?.signal.aborted !== true ? replay.error : null,
    run: (text, choice, size) => mutate({ text, choice, size }),
    cancel: () => running.current?.abort(),
  };
}
