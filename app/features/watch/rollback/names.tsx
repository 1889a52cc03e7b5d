import { createContext, useContext } from "react";
import type { RollbackTask } from "../../../api/contract/rollback.ts";
import type { RunGraph } from "../../../api/contract/workflow.ts";
import { must } from "../../../base/assert.ts";
import { gatewayIdOf, trustDomainOf } from "../../../protocol/audit/trust-domain.ts";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";

/** Whom the ids of a plan belong to, and the way to a task on the graph or in the table. */
export interface PlanNames {
  readonly run: RunGraph;
  /** Id of each agent, by its number in the run. */
  readonly agents: readonly string[];
  onShow(task: number): void;
}

export const NamesContext = createContext<PlanNames | null>(null);

export const useNames = (): PlanNames => must(useContext(NamesContext), "names are read inside a NamesContext");

/** Name of an agent of the run; the gateway of another domain as such; of anybody else, their id. */
export function whoWords({ run, agents }: Pick<PlanNames, "run" | "agents">, id: string): string {
  const index = agents.indexOf(id);
  const domain = trustDomainOf(id);
  if (domain !== null && id === gatewayIdOf(domain)) return `gateway of ${visibleText(domain)}`;
  return visibleText((index < 0 ? undefined : run.agents[index]?.name) ?? id);
}

/** The last part of a person's id, as everywhere. */
export const personWords = (id: string): string => visibleText(id.split("/").at(-1) ?? id);

/** A task by its name; where it is in view here, a press leads to it. `plain` in a dialog, which lies over it. */
export function TaskName({ task, plain = false }: { readonly task: RollbackTask; readonly plain?: boolean }) {
  const { onShow } = useNames();
  const { index } = task;
  const name = task.name ?? task.action;
  if (index === null || plain) return <UntrustedText text={name} maxCharacters={80} />;
  return (
    <button
      type="button"
      onClick={() => onShow(index)}
      title="Show it"
      className="max-w-full rounded-sm text-left text-accent [overflow-wrap:anywhere] hover:underline"
    >
      <bdi>{visibleText(name).slice(0, 120)}</bdi>
    </button>
  );
}

export function Who({ id }: { readonly id: string }) {
  return <bdi className="[overflow-wrap:anywhere]">{whoWords(useNames(), id)}</bdi>;
}

/** Who must be told of what stays changed (N13). */
export function ToTell({ tell }: { readonly tell: readonly string[] }) {
  const names = useNames();
  if (tell.length === 0) return null;
  return (
    <p className="[overflow-wrap:anywhere]">
      <span className="text-muted">To be told: </span>
      <bdi>{tell.map((id) => whoWords(names, id)).join(", ")}</bdi>
    </p>
  );
}
