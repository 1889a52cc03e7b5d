import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";

/** What agents of this log were and did: to choose from where a profile is written. */
export interface Seen {
  readonly agents: readonly {
    readonly agent: string;
    readonly tasks: number;
    readonly actions: readonly { readonly action: string; readonly tasks: number }[];
  }[];
  readonly actions: readonly string[];
  readonly dataClasses: readonly string[];
  readonly targets: readonly string[];
  /** Arguments by which tasks said what they are about. */
  readonly named: readonly string[];
}

const NOTHING_SEEN: Seen = { agents: [], actions: [], dataClasses: [], targets: [], named: [] };

/** Nothing until it is read: without it everything can be typed. */
export function useSeen(): Seen {
  const { orpc } = useApi();
  const { data } = useQuery(orpc.behavior.seen.queryOptions({ input: {} }));
  if (data === undefined) return NOTHING_SEEN;
  const actions = new Set(data.agents.flatMap((agent) => agent.actions.map(({ action }) => action)));
  return { ...data, actions: [...actions].sort() };
}
