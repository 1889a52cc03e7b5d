import type { RunGraph } from "../../../api/contract/workflow.ts";
import { Button } from "../../../ui/button.tsx";
import { useNow } from "../../../ui/clock.ts";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Remaining } from "../../../ui/remaining.tsx";
import { StaleNote } from "../../../ui/states.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { isPause, notSafe, type OrderSet, whomWords } from "./in-force.ts";
import { valueWords } from "./limit-words.ts";
import type { OrdersInForce } from "./use-orders-in-force.ts";

const LISTED = 3;

export interface OrdersStripProps {
  readonly run: RunGraph;
  readonly agents: readonly string[];
  readonly orders: OrdersInForce;
  onEnd(set: OrderSet): void;
}

/** What holds or changes this workflow now, who has not reached a safe point, and the way to end each (J4, S14). */
export function OrdersStrip({ run, agents, orders, onEnd }: OrdersStripProps) {
  const { sets, readAtMs, failed } = orders;
  if (sets.length === 0) return null;
  const firstPause = sets.find(isPause);
  return (
    <section aria-label="Orders in force" className="shrink-0 border-b border-line bg-panel">
      {failed ? <OldNote readAtMs={readAtMs} /> : null}
      <ul>
        {sets.slice(0, LISTED).map((set) => (
          <li key={set.key} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1">
            <Order set={set} run={run} agents={agents} readAtMs={readAtMs} />
            <div className="flex-1" />
            <Ends set={set} isFirst={set === firstPause} onEnd={onEnd} />
          </li>
        ))}
      </ul>
      {sets.length > LISTED ? (
        <p className="px-3 pb-1">
          <GoLink to="/control" search={{ only: "force" }}>
            and {formatCount(sets.length - LISTED)} more in Control
          </GoLink>
        </p>
      ) : null}
    </section>
  );
}

function OldNote({ readAtMs }: { readonly readAtMs: number }) {
  return <StaleNote ageMs={useNow() - readAtMs} />;
}

interface OrderProps {
  readonly set: OrderSet;
  readonly run: RunGraph;
  readonly agents: readonly string[];
  readonly readAtMs: number;
}

function Order({ set, run, agents, readAtMs }: OrderProps) {
  const [first] = set.signals;
  if (first === undefined) return null;
  const open = notSafe(set);
  return (
    <>
      <Mark {...markOf(set, open.length)} />
      <bdi className="font-medium">{whomWords(set, run, agents)}</bdi>
      {first.action === "modify" ? <span>{limitsOf(first.params)}</span> : null}
      <span className="max-w-80 truncate text-muted">
        {visibleText(first.by.split("/").at(-1) ?? "")}: <UntrustedText text={first.reason} maxCharacters={80} />
      </span>
      {first.remainingMs === null ? null : (
        <span className={first.action === "modify" ? "font-medium text-warning" : "text-muted"}>
          {first.action === "modify" ? "reverts in " : "ends in "}
          <Remaining remainingMs={first.remainingMs} readAtMs={readAtMs} />
          {first.action === "modify" ? " unless confirmed" : ""}
        </span>
      )}
      {open.length === 0 ? null : (
        <span role="status">
          {formatCount(open.length)} not at a safe point:{" "}
          {open
            .slice(0, LISTED)
            .map(
              ({ name, unfinished }) =>
                `${visibleText(name)} (${unfinished.length === 1 ? "1 task" : `${unfinished.length} tasks`})`,
            )
            .join(", ")}
          {open.length > LISTED ? " …" : ""}
        </span>
      )}
    </>
  );
}

function markOf(set: OrderSet, open: number) {
  if (isPause(set))
    return open > 0
      ? ({ shape: "triangle", tone: "warning", label: "Pausing" } as const)
      : ({ shape: "bar", tone: "notice", label: "Paused" } as const);
  if (set.signals[0]?.action === "rollback")
    return { shape: "half", tone: "warning", label: "Held by a rollback" } as const;
  return set.signals[0]?.action === "takeover"
    ? ({ shape: "diamond", tone: "warning", label: "Taken over" } as const)
    : ({ shape: "half", tone: "notice", label: "Limit changed" } as const);
}

function limitsOf({ set }: Readonly<Record<string, unknown>>): string {
  if (typeof set !== "object" || set === null) return "";
  return Object.entries(set)
    .map(([name, value]) => visibleText(`${name} = ${valueWords(value)}`))
    .join(", ");
}

interface EndsProps {
  readonly set: OrderSet;
  /** The one that the key ends. */
  readonly isFirst: boolean;
  onEnd(set: OrderSet): void;
}

function Ends({ set, isFirst, onEnd }: EndsProps) {
  const [first] = set.signals;
  if (first === undefined) return null;
  const control = (
    <GoLink to="/control" search={{ signal: first.jti }}>
      {first.action === "modify" && first.effectUntil !== null ? "Confirm in Control" : "In Control"}
    </GoLink>
  );
  if ((first.action === "takeover" || first.action === "rollback") && !first.lapsed) return control;
  return (
    <>
      {control}
      <Button writes size="sm" onPress={() => onEnd(set)} {...(isFirst ? { shortcut: "r" } : {})}>
        {isPause(set) ? "Resume …" : "Undo …"}
      </Button>
    </>
  );
}
