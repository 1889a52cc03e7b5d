import type { DomainView } from "../../../api/contract/cascade.ts";
import { agentId, WID } from "../watch.fixture.tsx";

/** A failure domain of these agents that is normal, unless a test says otherwise. */
export const failureDomain = (id: string, agents: readonly number[], change: Partial<DomainView> = {}): DomainView => ({
  id,
  wid: WID,
  parent: null,
  members: agents.map(agentId),
  failing: [],
  leaf: true,
  state: "normal",
  sinceMs: 1_772_064_030_000,
  untilMs: null,
  remainingMs: null,
  reason: null,
  by: null,
  border: { all: 0, shut: 0 },
  alert: null,
  bulkhead: null,
  seq: 0,
  entry: null,
  ...change,
});
