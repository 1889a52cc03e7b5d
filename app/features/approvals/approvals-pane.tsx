import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useApi, useConnection } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import type { GateRow } from "../../api/contract/gate.ts";
import { useOperator } from "../../operator/operator-context.tsx";
import { Button } from "../../ui/button.tsx";
import { useNow } from "../../ui/clock.ts";
import { formatCount } from "../../ui/duration.ts";
import { useFrozen } from "../../ui/frozen.ts";
import { Empty, Loading, ProblemNote, StaleNote } from "../../ui/states.tsx";
import { useKeys } from "../../ui/use-keys.ts";
import { ReviewsBar } from "./alone/reviews-bar.tsx";
import { ApprovalQueue } from "./approval-queue.tsx";
import { type ApprovalsSearch, queueInput, workflowOf } from "./approvals-search.ts";
import { BatchPane } from "./batch/batch-pane.tsx";
import { FloodBar } from "./flood-bar.tsx";
import { AsideBar } from "./handling/aside-bar.tsx";
import { useAside } from "./handling/use-aside.ts";
import { AfterBatch, type BatchGiven } from "./next-ones/after-batch.tsx";
import { OpenRequest } from "./open-request.tsx";
import type { OutboxItem } from "./outbox.ts";
import { OutboxBar } from "./outbox-bar.tsx";
import { paneKey } from "./pane-key.ts";
import { QueueBar } from "./queue-bar.tsx";
import { GroupBar } from "./queue-bar-parts.tsx";
import { QueueFilters } from "./queue-filters.tsx";
import { isShown, MAX_TOGETHER, rowsOf, togetherProblem } from "./queue-model.ts";
import { nextPending, stepRequest } from "./queue-order.ts";
import { useArrival } from "./remaining-time.tsx";
import type { Decided } from "./send-decision.ts";
import { useCrowd } from "./use-crowd.ts";
import { useFreshQueue } from "./use-fresh-queue.ts";
import { unsentOf, useOutbox } from "./use-outbox.ts";
import { useWaiting, type Waiting } from "./use-waiting.ts";

export { approvalsSearchSchema } from "./approvals-search.ts";

export const approvalsKeys: readonly { readonly keys: string; readonly does: string }[] = [
  { keys: "j / k", does: "next or previous request" },
  { keys: ". / ,", does: "first request of the next group, or of the one before" },
  { keys: "o", does: "open the group of the open request, or fold it again, where there are many" },
  { keys: "a", does: "approve the open request; held where the button says so" },
  { keys: "l", does: "approve less of it, where its arguments may be narrowed" },
  { keys: "r", does: "reject it, with a reason" },
  { keys: "x", does: "abort it and its task, with a reason" },
  { keys: "e", does: "escalate it: ask the next role besides, which leaves you without a decision" },
  { keys: "c", does: "take it up, so that others see it; again to give it back" },
  { keys: "d", does: "not now: out of your queue until a time" },
  { keys: "s", does: "shelve it for everybody until a time, with a reason" },
  { keys: "m", does: "answer its agent, deciding nothing" },
  { keys: "1 / 2", does: "say that you would approve or reject it, where that is asked before the agent's words" },
  { keys: "b", does: "decide it together with those that look alike" },
  { keys: "n", does: "next request of the sample, while deciding together" },
  { keys: "u", does: "undo what is not sent yet" },
  { keys: "t", does: "what the queue asks of people, and back to the queue" },
  { keys: "Ctrl+Enter", does: "sign the decision that is prepared" },
  { keys: "Esc", does: "back; closes the open request" },
];

export interface ApprovalsPaneProps {
  readonly search: ApprovalsSearch;
  setSearch(patch: Partial<ApprovalsSearch>, options?: { readonly replace?: boolean }): void;
}

// Who looks at the queue does not need it.
const AttentionView = lazy(() =>
  import("./attention/attention-view.tsx").then((loaded) => ({ default: loaded.AttentionView })),
);

/** The queue of requests that wait for a human, or what it asks of people. */
export function ApprovalsPane(props: ApprovalsPaneProps) {
  const { search, setSearch } = props;
  useKeys({
    t: ({ repeat }) => {
      if (!repeat) setSearch({ view: search.view === undefined ? "attention" : undefined });
    },
  });
  return search.view === undefined ? (
    <QueuePane {...props} />
  ) : (
    <Suspense fallback={<Loading what="what is asked of people" />}>
      <AttentionView {...props} />
    </Suspense>
  );
}

/** The queue, and the request that is open. */
function QueuePane({ search, setSearch }: ApprovalsPaneProps) {
  const api = useApi();
  const root = useRef<HTMLDivElement>(null);
  const queue = useQuery(api.orpc.gate.queue.queryOptions({ input: queueInput(search) }));
  const wid = workflowOf(search);
  const chosen = useMemo(() => rowsOf(queue.data?.rows ?? [], search), [queue.data, search]);
  const { operator } = useOperator();
  const frozen = useFrozen();
  const aside = useAside(chosen, operator?.subject ?? null);
  const shown = useMemo(
    () => chosen.filter((row) => isShown(row, search) && (search.aside === true || !aside.has(row.request))),
    [chosen, search, aside],
  );
  const open = (request: string | null): void => {
    setTogether(null);
    setSearch({ request: request ?? undefined }, { replace: true });
  };
  const crowd = useCrowd(shown, search.request, open);
  const { items, rows, order } = crowd;
  const { outbox, items: given } = useOutbox();
  const waiting = useWaiting(queue.data?.pending ?? null, wid);
  const [last, setLast] = useState<Decided | null>(null);
  const [batch, setBatch] = useState<BatchGiven | null>(null);
  const [together, setTogether] = useState<readonly string[] | null>(null);
  const arrivedMs = useArrival(queue.dataUpdatedAt);

  /** Goes on to what waits, past what is given and not sent yet; the focus goes with it, out of the form that is gone. */
  const goOn = (done: readonly string[]): void => {
    focusQueue(root.current);
    const gone = new Set(
      order.filter((row) => row.request !== done[0] && (done.includes(row.request) || isGiven(given, row))),
    );
    open(
      nextPending(
        order.filter((row) => !gone.has(row)),
        done[0] ?? "",
      ),
    );
  };
  const looksAt = useRef(search.request);
  useEffect(() => {
    looksAt.current = search.request;
  });
  /** Only if the operator still looks at it; otherwise they have gone on already, while it was on its way. */
  const goOnFrom = (request: string): void => {
    if (request === looksAt.current) goOn([request]);
  };
  /** Takes back what is not sent yet, and opens it again. */
  const undo = (batch: string): void => {
    const first = given.find((item) => item.batch === batch);
    if (outbox.undo(batch) > 0 && first !== undefined) open(first.request);
  };
  const group = crowd.alike.filter((row) => !isGiven(given, row));
  const openTogether = (): void => {
    if (frozen === null && togetherProblem(group) === null)
      setTogether(group.slice(0, MAX_TOGETHER).map((row) => row.request));
  };
  const goTo = (request: string | null): undefined => {
    if (request !== null) open(request);
  };
  const step = (by: 1 | -1): undefined => goTo(stepRequest(rows, search.request, by));
  useKeys({
    j: paneKey(root, () => (together === null ? step(1) : false)),
    k: paneKey(root, () => (together === null ? step(-1) : false)),
    ".": paneKey(root, () => (together === null ? goTo(crowd.step(1)) : false)),
    ",": paneKey(root, () => (together === null ? goTo(crowd.step(-1)) : false)),
    o: paneKey(root, () => (together === null ? crowd.toggleOwn() : false)),
    b: paneKey(root, () => void openTogether()),
    u: paneKey(root, () => {
      const last = given.findLast((item) => item.state === "waiting");
      return last === undefined ? false : void undo(last.batch);
    }),
    ArrowDown: paneKey(root, () => (inQueue(root.current) ? step(1) : false)),
    ArrowUp: paneKey(root, () => (inQueue(root.current) ? step(-1) : false)),
    Escape: paneKey(root, () => (search.request === undefined || together !== null ? false : void open(null))),
  });
  useOpenFirst(search.request === undefined && queue.isSuccess ? rows[0] : undefined, queue.isSuccess, open);
  useFreshQueue(search, setSearch);

  return (
    <div ref={root} className="relative flex h-full min-h-0 flex-col bg-panel">
      <QueueBar
        search={search}
        setSearch={setSearch}
        waiting={waiting}
        position={queue.data?.position ?? null}
        last={last}
      />
      <OutboxBar outbox={outbox} items={given} onUndo={undo} />
      {batch === null ? null : <AfterBatch given={batch} items={given} />}
      <ReviewsBar
        open={search.request}
        onOpen={(request) => {
          setTogether(null);
          setSearch({ request, state: "all" });
        }}
      />
      <Staleness queryFailed={queue.isError && queue.data !== undefined} readAtMs={queue.dataUpdatedAt} />
      <div className="flex min-h-0 flex-1">
        <section
          aria-label="Queue"
          className={`flex min-h-0 w-full flex-col border-line md:w-88 md:shrink-0 md:border-r ${
            search.request === undefined ? "" : "max-md:hidden"
          }`}
        >
          {queue.data === undefined ? null : <QueueFilters rows={chosen} search={search} setSearch={setSearch} />}
          <AsideBar aside={aside} search={search} setSearch={setSearch} />
          {crowd.flood === null ? null : <FloodBar flood={crowd.flood} onOpen={open} />}
          {group.length < 2 || together !== null ? null : <GroupBar rows={group} onTogether={openTogether} />}
          {queue.data === undefined ? (
            queue.isError ? (
              <div className="p-3">
                <ProblemNote problem={problemOf(queue.error)} onRetry={() => void queue.refetch()} />
              </div>
            ) : (
              <Loading what="the queue" />
            )
          ) : rows.length === 0 ? (
            <NothingHere search={search} waiting={waiting} away={aside.size} setSearch={setSearch} />
          ) : (
            <ApprovalQueue
              items={items}
              order={order}
              onToggle={crowd.toggle}
              given={given}
              selected={search.request}
              arrivedMs={arrivedMs}
              onSelect={open}
            />
          )}
        </section>
        {search.request === undefined ? (
          <div className="hidden min-w-0 flex-1 items-center justify-center text-muted md:flex">
            {rows.length === 0 ? null : "No request is open. Press j for the first one."}
          </div>
        ) : together !== null ? (
          <BatchPane
            requests={together}
            pane={root}
            onClose={() => setTogether(null)}
            onGiven={(requests, given) => {
              setLast(null);
              setBatch(given);
              goOn(requests);
            }}
          />
        ) : (
          <OpenRequest
            key={search.request}
            request={search.request}
            pane={root}
            onClose={() => open(null)}
            onAside={goOnFrom}
            onGiven={(given) => {
              setLast(given.kind === "recorded" ? given.decided : null);
              goOnFrom(given.kind === "recorded" ? given.decided.request : given.request);
            }}
          />
        )}
      </div>
    </div>
  );
}

const isGiven = (given: readonly OutboxItem[], row: GateRow): boolean => unsentOf(given, row.request) !== undefined;

/** A phone shows the queue or the request, and has nothing to focus here. */
function focusQueue(root: HTMLElement | null): void {
  const isInDialog = document.activeElement?.closest('[role="dialog"]') !== null;
  if (!isInDialog) root?.querySelector<HTMLElement>('[role="listbox"]')?.focus();
}

const inQueue = (root: HTMLElement | null): boolean =>
  root?.querySelector('[role="listbox"]') === document.activeElement && document.activeElement !== null;

/** Wide screens open the first request once, when the pane is entered; one that arrives later never opens itself. */
function useOpenFirst(
  first: { readonly request: string } | undefined,
  loaded: boolean,
  open: (request: string) => void,
) {
  const entered = useRef(false);
  useEffect(() => {
    if (!loaded || entered.current) return;
    entered.current = true;
    if (first !== undefined && window.matchMedia("(min-width: 48rem)").matches) open(first.request);
  });
}

interface NothingHereProps extends ApprovalsPaneProps {
  readonly waiting: Waiting;
  /** Put away for now. */
  readonly away: number;
}

function NothingHere({ search, waiting, away, setSearch }: NothingHereProps) {
  if (away > 0 && search.aside !== true)
    return (
      <Empty title="Nothing else waits">
        <p>What waits is put away for now. It comes back by itself.</p>
      </Empty>
    );
  if (search.state !== undefined)
    return <Empty title="No request matches">Another state or workflow may have some.</Empty>;
  if (waiting.here !== undefined && waiting.all !== null && waiting.all > 0)
    return (
      <Empty title="Nothing waits in this workflow">
        <p>{formatCount(waiting.all)} waiting in other workflows.</p>
        <Button variant="quiet" onPress={() => setSearch({ wid: undefined })}>
          Show all workflows
        </Button>
      </Empty>
    );
  return (
    <Empty title="Nothing waits for a human">
      <p>An action that a rule holds appears here by itself.</p>
      <Button variant="quiet" onPress={() => setSearch({ state: "all" })}>
        Show all requests
      </Button>
    </Empty>
  );
}

function Staleness({ queryFailed, readAtMs }: { readonly queryFailed: boolean; readonly readAtMs: number }) {
  const connection = useConnection();
  const nowMs = useNow();
  if (!queryFailed && connection.state !== "lost" && connection.state !== "failed") return null;
  return <StaleNote ageMs={Math.max(0, nowMs - readAtMs)} />;
}
