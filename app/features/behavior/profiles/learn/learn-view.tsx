import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useApi } from "../../../../api/client/api-context.tsx";
import { problemOf } from "../../../../api/client/problem.ts";
import { Button } from "../../../../ui/button.tsx";
import { formatCount, formatDuration } from "../../../../ui/duration.ts";
import { Section } from "../../../../ui/section.tsx";
import { ProblemNote } from "../../../../ui/states.tsx";
import { PatternList } from "../edit/pattern-list.tsx";
import { textOf } from "../edit/profile-document.ts";
import type { Seen } from "../seen.ts";
import { counted } from "../words.ts";
import { adopted } from "./adopt.ts";
import { SpanFields, useSpan, useSpanChoice } from "./span-fields.tsx";
import { SuggestionRows } from "./suggestion-rows.tsx";

export interface LearnViewProps {
  readonly seen: Seen;
  /** Entries of the log. */
  readonly size: number;
  /** The agent whose conduct it is about, where one was chosen before. */
  readonly agent: string | undefined;
  /** The draft that what is ticked is put into, as text. */
  readonly draft: string;
  /** Of the draft, for the reader. */
  readonly into: string;
  onAdopt(text: string): void;
  onClose(): void;
}

/** Learned from a chosen span: every suggestion with its support, and none in the draft that was not ticked (BEH-S3). */
export function LearnView({ seen, size, agent, draft, into, onAdopt, onClose }: LearnViewProps) {
  const { client } = useApi();
  const spanOf = useSpan();
  const { choice, change, problem, setProblem } = useSpanChoice();
  const [agents, setAgents] = useState<readonly string[]>(agent === undefined ? [] : [agent]);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const running = useRef<AbortController | null>(null);
  const learn = useMutation({
    mutationFn: async () => {
      const ending = new AbortController();
      running.current = ending;
      const found = await spanOf(choice, size);
      if (!found.ok) {
        setProblem(found.message);
        return null;
      }
      ending.signal.throwIfAborted();
      const { from, to } = found;
      return client.behavior.learn({ span: { from, to }, agents: [...agents] }, { signal: ending.signal });
    },
    onMutate: () => setTicked(new Set()),
  });
  // Nobody waits for it any more.
  useEffect(() => () => running.current?.abort(), []);
  // What it suggested was of another part, or of others.
  const anew = (): void => {
    learn.reset();
    setTicked(new Set());
  };
  const tick = (id: string, on: boolean): void => {
    const next = new Set(ticked);
    if (on) next.add(id);
    else next.delete(id);
    setTicked(next);
  };
  const answer = learn.data ?? null;
  const adopt = (): void => {
    const chosen = answer?.suggestions.filter(({ id }) => ticked.has(id)) ?? [];
    const about = agents.length === 0 ? {} : { applies_to: agents };
    const document = JSON.parse(draft) as Record<string, unknown>; // our own form wrote it as an object
    const first = Array.isArray(document.applies_to) && document.applies_to.length > 0 ? {} : about;
    onAdopt(textOf(adopted({ ...document, ...first }, chosen)));
  };
  return (
    <div className="min-w-0">
      <Section title="Learn from the log" level={2} aside={<Button onPress={onClose}>Back</Button>}>
        <p className="max-w-3xl">
          What was done in a part of the log suggests what a profile could say. Nothing is taken over by itself: tick
          what is to be in the draft of <strong>{into}</strong>. What was done wrong in this part is learned as if it
          were right, so choose one in which all went well.
        </p>
        <div className="mt-2 flex flex-col gap-3">
          <SpanFields
            label="From which part"
            choice={choice}
            size={size}
            onChange={(next) => {
              change(next);
              anew();
            }}
            problem={problem}
          />
          <PatternList
            label="Of which agents (all where none is ticked)"
            what="agent"
            value={agents}
            seen={seen.agents.map(({ agent, tasks }) => ({ name: agent, tasks }))}
            onChange={(next) => {
              setAgents(next);
              anew();
            }}
            problem={undefined}
          />
          <div className="flex gap-2">
            <Button variant="primary" writes={false} isDisabled={learn.isPending} onPress={() => learn.mutate()}>
              {learn.isPending ? "Reading …" : "Find suggestions"}
            </Button>
            {learn.isPending ? <Button onPress={() => running.current?.abort()}>Cancel</Button> : null}
          </div>
        </div>
        {learn.isError && running.current?.signal.aborted !== true ? (
          <ProblemNote problem={problemOf(learn.error)} onRetry={() => learn.mutate()} />
        ) : null}
      </Section>
      {answer === null || learn.isPending ? null : (
        <Section title="What it suggests">
          <p role="status" className="mb-2">
            {counted(answer.suggestions.length, "suggestion")} from {counted(answer.tasks, "task")} of{" "}
            {counted(answer.workflows, "workflow")}, in {formatDuration(answer.tookMs)}.
            {answer.pruned.names + answer.pruned.rules === 0
              ? ""
              : ` Not looked at: ${formatCount(answer.pruned.names)} rare names of actions; not shown: ${formatCount(answer.pruned.rules)} weaker rules.`}
          </p>
          {answer.suggestions.length === 0 ? null : (
            <SuggestionRows suggestions={answer.suggestions} ticked={ticked} onTick={tick} />
          )}
          <div className="mt-2 flex flex-wrap items-center gap-3">
            <Button variant="primary" writes={false} isDisabled={ticked.size === 0} onPress={adopt}>
              Put {formatCount(ticked.size)} ticked into the draft
            </Button>
            <span className="text-muted">The draft is not in force: it is replayed and signed after that.</span>
          </div>
        </Section>
      )}
    </div>
  );
}
