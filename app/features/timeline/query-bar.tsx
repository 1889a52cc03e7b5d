import { CircleHelp } from "lucide-react";
import { type Ref, useEffect, useId, useRef, useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import type { ValuesOf } from "../../protocol/query/complete.ts";
import type { QueryProblem } from "../../protocol/query/expression.ts";
import { parseQuery } from "../../protocol/query/parse.ts";
import { IconButton } from "../../ui/button.tsx";
import { QueryField } from "./query-field.tsx";
import { QueryHelp } from "./query-help.tsx";
import { ProblemWords } from "./query-problem.tsx";
import { SavedQueries } from "./saved-queries-menu.tsx";
import type { SetTimelineSearch, TimelineSearch } from "./timeline-search.ts";

export interface QueryBarProps {
  readonly search: TimelineSearch;
  /** What the host says of a query that can be read. */
  readonly found: readonly QueryProblem[];
  readonly valuesOf: ValuesOf;
  readonly searchField: Ref<HTMLInputElement>;
  /** Enter was pressed and it can be read. */
  onAsked(): void;
  readonly setSearch: SetTimelineSearch;
}

/** How long one must pause before what is typed is asked for, ms. */
const REST_MS = 250;

/**
 * The query, in the URL as soon as it can be read; until then what was asked last stays, and the words below say what is wrong
 * (XA-22).
 */
export function QueryBar({ search, found, valuesOf, searchField, onAsked, setSearch }: QueryBarProps) {
  const given = search.q ?? "";
  const [typed, setTyped] = useState(given);
  const [seen, setSeen] = useState(given);
  const [isHelping, setHelping] = useState(false);
  const [isChoosing, setChoosing] = useState(false);
  const warmUp = useWarmIndex();
  const problemId = useId();
  if (seen !== given) {
    // The URL changed from elsewhere: it wins over what stands in the field.
    setSeen(given);
    if (given !== typed.trim()) setTyped(given);
  }
  const text = typed.trim();
  const problems = problemsOf(typed, text === given ? found : []);
  const canBeRead = text === given || problems.length === 0;
  const rested = useRested(typed);
  const ask = (query: string, options: { readonly replace?: boolean }): void => {
    if (query !== given) setSearch({ q: query === "" ? undefined : query, at: undefined }, options);
  };
  useEffect(() => {
    if (text === given || !canBeRead) return;
    const patch = { q: text === "" ? undefined : text, at: undefined };
    const timer = setTimeout(() => setSearch(patch, { replace: true }), REST_MS);
    return () => clearTimeout(timer);
  }, [text, given, canBeRead, setSearch]);
  // A word half typed is no mistake yet, nor what one is about to choose.
  const [first] = rested ? problems : [];
  const problem = isChoosing && first?.code === "query_incomplete" ? undefined : first;
  const run = (query: string): void => {
    setTyped(query);
    ask(query.trim(), {});
  };
  return (
    <div className="flex min-w-0 flex-1 basis-full flex-col gap-1">
      <div className="flex items-center gap-1">
        <QueryField
          value={typed}
          onChange={setTyped}
          onSubmit={() => {
            if (problems.length > 0) return;
            ask(text, {});
            onAsked();
          }}
          onFocus={warmUp}
          onChoosing={setChoosing}
          problem={problem ?? null}
          problemId={problemId}
          valuesOf={valuesOf}
          inputRef={searchField}
        />
        <SavedQueries query={text} canSave={text !== "" && problems.length === 0} onRun={run} />
        <IconButton label="Help on queries" icon={CircleHelp} onPress={() => setHelping(true)} />
      </div>
      {problem === undefined ? null : (
        <ProblemWords
          id={problemId}
          problem={problem}
          more={problems.length - 1}
          onTake={(suggestion) =>
            setTyped(typed.slice(0, problem.offset) + suggestion + typed.slice(problem.offset + problem.length))
          }
        />
      )}
      {problem !== undefined && text !== given && given !== "" ? (
        <p className="text-xs text-muted">
          What is listed is still of <code className="font-mono">{given}</code>.
        </p>
      ) : null}
      <QueryHelp isOpen={isHelping} onOpenChange={setHelping} onRun={run} />
    </div>
  );
}

function problemsOf(text: string, found: readonly QueryProblem[]): readonly QueryProblem[] {
  const parsed = parseQuery(text);
  return parsed.ok ? found : parsed.error;
}

/** Has the host begin its index for queries while one types: of a long log it takes some seconds. */
function useWarmIndex(): () => void {
  const { client } = useApi();
  const done = useRef(false);
  return () => {
    if (done.current) return;
    done.current = true;
    // What is wrong is told where an answer is waited for.
    client.audit.query({ expression: "seq:0", limit: 1 }).catch(() => undefined);
  };
}

/** Whether nothing was typed for a moment. */
function useRested(typed: string): boolean {
  const [rested, setRested] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setRested(typed), REST_MS * 2);
    return () => clearTimeout(timer);
  }, [typed]);
  return rested === typed;
}
