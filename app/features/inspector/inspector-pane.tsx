import { lazy, type RefObject, Suspense, useEffect, useEffectEvent, useRef } from "react";
import { problemOf } from "../../api/client/problem.ts";
import type { Inspected } from "../../api/contract/inspect.ts";
import { useNoteRead } from "../../operator/use-note-read.ts";
import { Button } from "../../ui/button.tsx";
import { formatCount } from "../../ui/duration.ts";
import { Ago } from "../../ui/instant.tsx";
import { Empty, Loading, ProblemNote } from "../../ui/states.tsx";
import { isInModal, isTyping, useKeys } from "../../ui/use-keys.ts";
import { AsOfBar } from "./as-of-bar.tsx";
import { DelegationView } from "./delegation-view.tsx";
import type { InspectorSearch, SetInspectorSearch } from "./inspector-search.ts";
import { LineageView } from "./lineage-view.tsx";
import { headerMeaningOf, meaningOf } from "./meanings.ts";
import { MembersView } from "./members-view.tsx";
import { paste } from "./pasted.ts";
import { StepsView } from "./steps-view.tsx";
import { SubjectBar } from "./subject-bar.tsx";
import { Summary } from "./summary.tsx";
import { TimesView } from "./times-view.tsx";
import { useDrop } from "./use-drop.ts";
import { useInspect } from "./use-inspect.ts";

export { inspectorSearchSchema } from "./inspector-search.ts";

export const inspectorKeys = [
  { keys: "/", does: "to the field for a token" },
  { keys: "Ctrl+V", does: "anywhere: look at the token in the clipboard" },
  { keys: "e", does: "to the field for an entry number or token id" },
  { keys: "r", does: "look at it again" },
  { keys: "x", does: "clear" },
] as const;

export interface InspectorPaneProps {
  readonly search: InspectorSearch;
  readonly setSearch: SetInspectorSearch;
}

const ForeignView = lazy(() => import("./foreign-view.tsx").then((loaded) => ({ default: loaded.ForeignView })));

const NOTHING = { entry: undefined, jti: undefined, at: undefined };

/** Any token of the family, looked at: every step of its verification, every member with its meaning, what it belongs to. */
export function InspectorPane({ search, setSearch }: InspectorPaneProps) {
  const root = useRef<HTMLDivElement>(null);
  const { subject, foreign, isToken, query, tooLong } = useInspect(search);
  const seen = query.data;
  useNoteRead("entry", seen?.entry?.seq ?? null);
  const show = (text: string): void => {
    paste(text);
    setSearch(NOTHING, { replace: true });
  };
  const focus = (selector: string) => (event: KeyboardEvent) => {
    root.current?.querySelector<HTMLElement>(selector)?.focus();
    event.preventDefault();
  };
  useKeys({
    "/": focus("textarea"),
    e: focus("input[name='pick']"),
    r: () => void query.refetch(),
    x: () => show(""),
  });
  usePasteAnywhere(root, show);
  const dropped = useDrop(show);
  return (
    <div ref={root} className="relative h-full min-h-0 overflow-auto bg-panel p-3" {...dropped.handlers}>
      <div className="mx-auto flex max-w-5xl min-w-0 flex-col gap-3">
        <SubjectBar search={search} setSearch={setSearch} logged={seen?.token ?? null} />
        {dropped.problem === null ? null : <p role="alert">{dropped.problem}</p>}
        {foreign === null ? null : (
          <Suspense fallback={<Loading what="the proof" />}>
            <ForeignView key={foreign.kind} foreign={foreign} />
          </Suspense>
        )}
        {!isToken ? null : subject === null ? (
          tooLong === null ? (
            <NoToken />
          ) : null
        ) : seen !== undefined ? (
          <Inspection seen={seen} search={search} setSearch={setSearch} onAgain={() => void query.refetch()} />
        ) : query.isError ? (
          <ProblemNote problem={problemOf(query.error)} onRetry={() => void query.refetch()} />
        ) : (
          <Loading what="the token" />
        )}
      </div>
    </div>
  );
}

/** What is pasted is a token to look at, in place of the one before, unless it goes into another field. */
function usePasteAnywhere(root: RefObject<HTMLElement | null>, show: (text: string) => void): void {
  const onPaste = useEffectEvent((event: ClipboardEvent) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const { target } = event;
    const isOurs = target instanceof HTMLTextAreaElement && root.current?.contains(target) === true;
    if (text === "" || (isTyping(target) && !isOurs) || isInModal(target)) return;
    event.preventDefault();
    show(text);
  });
  useEffect(() => {
    document.addEventListener("paste", onPaste);
    return () => document.removeEventListener("paste", onPaste);
  }, []);
}

function NoToken() {
  return (
    <Empty title="No token to look at">
      <p>
        Paste one, or name one of the log. Its signature is checked under the keys that are enrolled here, each step is
        told, and nothing of it is kept. A checkpoint, a witnessed one, a tile, a receipt or a Sigstore bundle of any
        log can be pasted or dropped here as well.
      </p>
    </Empty>
  );
}

interface InspectionProps extends InspectorPaneProps {
  readonly seen: Inspected;
  onAgain(): void;
}

function Inspection({ seen, search, setSearch, onAgain }: InspectionProps) {
  return (
    <article aria-label="Inspected token" className="flex min-w-0 flex-col">
      <div className="flex flex-col gap-3 pb-3">
        <Summary seen={seen} />
        <AsOfBar key={seen.digest} seen={seen} search={search} setSearch={setSearch} />
      </div>
      <StepsView steps={seen.steps} />
      <TimesView seen={seen} />
      <MembersView title="Header" object={seen.header} meaningOf={headerMeaningOf} />
      <MembersView title="Claims" object={seen.claims} meaningOf={(path) => meaningOf(seen.typ, path)} />
      {seen.typ === "acp+jwt" ? <DelegationView claims={seen.claims} /> : null}
      <LineageView seen={seen} />
      <footer className="flex flex-wrap items-center gap-2 border-t border-line pt-1 text-xs text-muted">
        <span>
          Looked at in the log of {seen.position.domain} at {formatCount(seen.position.size)} entries,{" "}
          <Ago sinceMs={seen.position.atMs} />
        </span>
        <Button size="sm" shortcut="r" onPress={onAgain}>
          Look again
        </Button>
      </footer>
    </article>
  );
}
