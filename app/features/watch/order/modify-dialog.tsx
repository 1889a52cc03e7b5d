import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import { SecondPerson, useSecondPerson } from "../../../operator/second-person.tsx";
import { useModify, useWiden } from "../../../operator/use-orders.ts";
import type { ConstraintValue } from "../../../protocol/acp/narrow.ts";
import { Dialog } from "../../../ui/dialog.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { Select } from "../../../ui/select.tsx";
import { Empty, Loading, ProblemNote } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import type { ReachInput } from "../halo/reach.ts";
import { isLimitName, LIMIT_WORDS, type LimitName, narrows, parseLimit, rangeWords } from "./limit-values.ts";
import { valueWords } from "./limit-words.ts";
import { CHANGE_HOLDS, effectUntil, leftOf, type ScopeChoice } from "./order-scopes.ts";
import { ReachNote } from "./reach-note.tsx";
import { WiderNote } from "./wider-note.tsx";

export interface ModifyDialogProps {
  readonly run: RunGraph;
  readonly input: ReachInput;
  readonly choices: readonly ScopeChoice[];
  /** Why the operator paused them, where they did: the change is part of the same. */
  readonly pausedBecause: string;
  onClose(): void;
}

interface Row {
  readonly agent: string;
  readonly name: string;
  readonly node: string;
  readonly limits: ReadonlyMap<string, Limit>;
}
interface Limit {
  readonly policy: unknown;
  readonly inForce: unknown;
  readonly delegated: unknown;
  /** Rules that ask a human by a share of it: those are never widened (OVR-21). */
  readonly humanBelow: readonly string[];
}

const LISTED = 6;
const NAMES = Object.keys(LIMIT_WORDS).filter(isLimitName);

/** Changes a limit of what is selected: old, new, range, who is affected, and when it reverts (S14, OVR-29). */
export function ModifyDialog(props: ModifyDialogProps) {
  const { orpc } = useApi();
  const limits = useQuery(orpc.override.limits.queryOptions({ input: { wid: props.input.wid } }));
  // Limits are of agents of one workflow, not of single tasks.
  const choices = props.choices.filter(({ id }) => id !== "task" && id !== "group");
  const rows = useMemo<readonly Row[]>(
    () =>
      (limits.data?.agents ?? []).flatMap(({ agent, name, nodes }) =>
        nodes.map(({ node, limits: all }) => ({
          agent,
          name,
          node,
          limits: new Map(all.map(({ name: limit, ...values }) => [limit, values])),
        })),
      ),
    [limits.data],
  );
  if (limits.data === undefined || rows.length === 0)
    return (
      <Dialog title="Change a limit" isOpen onOpenChange={props.onClose}>
        {limits.isError ? (
          <ProblemNote problem={problemOf(limits.error)} onRetry={() => void limits.refetch()} />
        ) : limits.data === undefined ? (
          <Loading what="the limits" />
        ) : (
          <Empty title="The policy has no node for these agents">
            <p>Where nothing lets an agent act, there is no limit to change.</p>
          </Empty>
        )}
      </Dialog>
    );
  return <Form {...props} choices={choices} rows={rows} />;
}

function Form({
  run,
  input,
  choices,
  pausedBecause,
  rows,
  onClose,
}: ModifyDialogProps & { readonly rows: readonly Row[] }) {
  const modify = useModify();
  const widen = useWiden();
  const people = useSecondPerson();
  const [chosen, setChosen] = useState<ScopeChoice["id"]>("agent");
  const choice = choices.find(({ id }) => id === chosen) ?? choices[0];
  const scopes = choice?.scopes ?? [];
  const affected = rows.filter(({ agent }) =>
    scopes.some(({ kind, id }) => (kind === "workflow" ? id === input.wid : id === agent)),
  );
  const [asked, setName] = useState<LimitName | null>(null);
  const name = asked ?? firstSet(affected);
  const [text, setText] = useState("");
  const [hold, setHold] = useState("15");
  const value = parseLimit(name, text);
  const widens = value === null ? null : widening(affected, name, value);
  const isWider = widens !== null && widens.wider > 0;
  const error =
    text.trim() === ""
      ? undefined
      : value === null
        ? "This is no value of the limit."
        : (widens?.problem ??
          (isWider && scopes.length > 1
            ? "A wider limit is given to one agent, or to the whole workflow."
            : undefined));
  const preview = useMemo(() => ({ words: "Change a limit", scopes: choice?.scopes ?? [], forwarded: true }), [choice]);
  if (choice === undefined) return null;
  return (
    <OrderDialog
      title="Change a limit"
      verb="Change"
      busy="Changing …"
      keep="Leave it as it is"
      why="Why is it changed? (recorded)"
      done="The change is in the log"
      doneDetail={
        hold === "never"
          ? "It counts from the next decision on, until it is undone."
          : "It counts from the next decision on, and reverts unless it is confirmed."
      }
      isReady={value !== null && error === undefined && (!isWider || people.second !== null)}
      firstReason={pausedBecause}
      focusReason={false}
      run={(reason, left) => {
        const until = effectUntil(
          CHANGE_HOLDS.find(({ id }) => id === hold),
          Date.now(),
        );
        const order = { set: { [name]: value }, reason, ...until };
        const [scope] = choice.scopes;
        return isWider && scope !== undefined && people.second !== null
          ? widen({ ...order, scope, second: people.second })
          : modify({ ...order, scopes: leftOf(choice.scopes, left) });
      }}
      onClose={onClose}
    >
      <Segmented label="Whose limit" selected={choice.id} onChange={setChosen} options={choices} />
      <div className="flex flex-wrap gap-3">
        <Select
          label="Limit"
          className="min-w-56 flex-1"
          items={NAMES.map((id) => ({ id, name: LIMIT_WORDS[id] }))}
          selectedKey={name}
          onSelectionChange={(id) => {
            if (isLimitName(id)) setName(id);
            setText("");
          }}
        />
        <Select label="Reverts" className="w-48" items={CHANGE_HOLDS} selectedKey={hold} onSelectionChange={setHold} />
      </div>
      <TextField
        label={`New value: ${LIMIT_WORDS[name]}`}
        value={text}
        onChange={(typed) => {
          // What is typed is of the limit that is shown now, whatever is set for them meanwhile.
          setName(name);
          setText(typed);
        }}
        autoFocus
        isRequired
        errorMessage={error}
        description={`Range: ${ranges(affected, name)}`}
      />
      <Affected rows={affected} name={name} next={error === undefined ? value : null} />
      {isWider && error === undefined ? (
        <>
          <p className="font-medium text-warning">
            Wider than what holds for {formatCount(widens.wider)} {widens.wider === 1 ? "node" : "nodes"}, and within
            what was delegated: two people sign it.
          </p>
          <SecondPerson state={people} what="A wider limit" />
        </>
      ) : null}
      <WiderNote choices={choices} chosen={choice} />
      <ReachNote run={run} input={input} preview={preview} listed={0} />
      <p className="text-muted">
        {rows.length === affected.length
          ? "Every agent of the workflow is affected."
          : "Nobody else is affected: each agent has limits of its own."}
      </p>
    </OrderDialog>
  );
}

/** Whether a value is wider than what holds for somebody, for how many, and what forbids that even to two people (OVR-29). */
function widening(
  rows: readonly Row[],
  name: LimitName,
  value: ConstraintValue,
): { readonly wider: number; readonly problem?: string } {
  const wider = rows.filter(({ limits }) => !narrows(name, limits.get(name)?.inForce ?? null, value));
  for (const { name: agent, limits } of wider) {
    const { humanBelow = [], delegated = null } = limits.get(name) ?? {};
    const [rule] = humanBelow;
    if (rule !== undefined)
      return {
        wider: wider.length,
        problem: `Rule ${visibleText(rule)} asks a human by its share of this limit: it is never widened.`,
      };
    if (!narrows(name, delegated, value))
      return {
        wider: wider.length,
        problem: `Further than what was delegated to ${visibleText(agent)}: ${rangeWords(name, delegated)}.`,
      };
  }
  return { wider: wider.length };
}

/** The first limit that is set for anybody affected. */
function firstSet(rows: readonly Row[]): LimitName {
  return NAMES.find((name) => rows.some(({ limits }) => (limits.get(name)?.inForce ?? null) !== null)) ?? "max_calls";
}

function ranges(rows: readonly Row[], name: LimitName): string {
  const all = [...new Set(rows.map(({ limits }) => rangeWords(name, limits.get(name)?.inForce ?? null)))];
  return visibleText(all.slice(0, 3).join("; "));
}

interface AffectedProps {
  readonly rows: readonly Row[];
  readonly name: LimitName;
  /** The new value, or null while there is none that may be given. */
  readonly next: unknown;
}

/** Old and new for everybody affected: what the policy says, what holds now, and what would. */
function Affected({ rows, name, next }: AffectedProps) {
  return (
    <table className="w-full text-left text-xs">
      <caption className="pb-1 text-left font-semibold">
        {formatCount(rows.length)} {rows.length === 1 ? "node is" : "nodes are"} affected
      </caption>
      <thead className="text-muted">
        <tr>
          {["Agent", "By the policy", "Now", "New"].map((head) => (
            <th key={head} scope="col" className="pr-3 font-normal">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.slice(0, LISTED).map((row) => (
          <tr key={`${row.agent} ${row.node}`}>
            <th scope="row" className="max-w-48 truncate pr-3 font-medium">
              <bdi>{visibleText(row.name)}</bdi> <span className="font-normal text-muted">{row.node}</span>
            </th>
            <td className="max-w-32 truncate pr-3">{visibleText(valueWords(row.limits.get(name)?.policy))}</td>
            <td className="max-w-32 truncate pr-3">{visibleText(valueWords(row.limits.get(name)?.inForce))}</td>
            <td className="max-w-32 truncate font-semibold">{next === null ? "—" : visibleText(valueWords(next))}</td>
          </tr>
        ))}
        {rows.length > LISTED ? (
          <tr>
            <td colSpan={4}>and {formatCount(rows.length - LISTED)} more</td>
          </tr>
        ) : null}
      </tbody>
    </table>
  );
}
