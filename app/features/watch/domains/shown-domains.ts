import type { DomainView } from "../../../api/contract/cascade.ts";
import type { TaskGraph } from "../graph/task-graph.ts";
import { laneOrder } from "../graph/view-graph.ts";
import { at, type Layout } from "../layout/layout-types.ts";

/** A failure domain with the numbers of its agents in the run; agents that are not of it are left out. */
export interface ShownDomain extends DomainView {
  readonly agents: readonly number[];
}

/** By agent, the number of its leaf domain, -1 for none; null where there are no domains. */
export function domainNumbers(domains: readonly ShownDomain[], agents: number): Int32Array | null {
  if (domains.length === 0) return null;
  const numbers = new Int32Array(agents).fill(-1);
  domains.forEach((domain, number) => {
    if (domain.leaf) for (const agent of domain.agents) numbers[agent] = number;
  });
  return numbers;
}

/** Where the box of a domain is across the lanes, in the units of the layout. */
export interface DomainBox {
  readonly domain: ShownDomain;
  readonly start: number;
  readonly end: number;
}

/** The lanes of a domain's agents lie beside one another: its box is around them. Agents without a task have no lane. */
export function domainBoxes(domains: readonly ShownDomain[], graph: TaskGraph, layout: Layout): DomainBox[] {
  const { agents } = laneOrder(graph);
  return domains
    .filter(({ leaf }) => leaf)
    .flatMap((domain) => {
      const lanes = layout.lanes.filter(({ lane }) => domain.agents.includes(at(agents, lane)));
      const [first] = lanes;
      const last = lanes.at(-1);
      return first === undefined || last === undefined ? [] : [{ domain, start: first.start, end: last.end }];
    });
}
