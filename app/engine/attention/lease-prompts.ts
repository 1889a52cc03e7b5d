import { leaseTimes } from "../../protocol/liveness/lease-times.ts";
import { LIVENESS_EXT, startTermsSchema } from "../../protocol/liveness/terms.ts";
import type { FactOf, LoggedFact } from "../fact.ts";
import { type Demand, PRIORITY_OF, RESPONDERS } from "./demand.ts";

interface Given {
  readonly jti: string;
  readonly agent: string;
  readonly wid: string;
  readonly durationS: number;
}

interface Lease extends Given {
  readonly until: number;
  readonly seq: number;
  /** The entry after which nobody is asked for it any more. */
  overAt: number;
  overSeq: number;
}

/** Leases by the log, and when somebody was asked to renew each: no entry says that, the lease itself does (L5). */
export interface LeasePrompts {
  give(logged: LoggedFact, lease: Given): void;
  /** A start gives the first leases; a later one that declares nothing goes on with those there were. */
  start(logged: LoggedFact, fact: FactOf<"exec+jwt">): void;
  end(logged: LoggedFact, isOver: (lease: Given) => boolean): void;
  /** As of the first `size` entries, at a time. */
  prompts(size: number, nowS: number): Demand[];
}

export function createLeasePrompts(): LeasePrompts {
  const leases: Lease[] = [];
  const running = new Map<string, Lease>();
  /** By workflow, how long each of its agents' leases is. */
  const durations = new Map<string, Map<string, number>>();

  const over = ({ seq, receivedAt }: LoggedFact, lease: Lease): void => {
    lease.overAt = receivedAt;
    lease.overSeq = seq;
    running.delete(lease.agent);
  };
  const end = (logged: LoggedFact, isOver: (lease: Given) => boolean): void => {
    for (const lease of running.values()) if (isOver(lease)) over(logged, lease);
  };
  const give = (logged: LoggedFact, lease: Given): void => {
    const before = running.get(lease.agent);
    if (before !== undefined) over(logged, before);
    const open = { overAt: Number.POSITIVE_INFINITY, overSeq: Number.POSITIVE_INFINITY };
    const given: Lease = { ...lease, seq: logged.seq, until: logged.receivedAt + lease.durationS, ...open };
    leases.push(given);
    running.set(lease.agent, given);
    const known = durations.get(lease.wid) ?? new Map<string, number>();
    durations.set(lease.wid, known.set(lease.agent, lease.durationS));
  };

  return {
    give,
    end,
    start: (logged, { claims }) => {
      const { wid, jti } = claims;
      if (claims.exec_act !== "run_start" || wid === undefined) return;
      const terms = startTermsSchema.safeParse(claims.ect_ext?.[LIVENESS_EXT]);
      const first = terms.success ? terms.data.lease : undefined;
      const given = terms.success
        ? new Map((first?.agents ?? []).map((agent) => [agent, first?.duration_s ?? 0]))
        : new Map(durations.get(wid));
      for (const [agent, durationS] of given) give(logged, { jti, agent, wid, durationS });
    },
    prompts: (size, nowS) =>
      leases.flatMap((lease): Demand[] => {
        const { promptAt } = leaseTimes(lease);
        const isOver = lease.overSeq < size && lease.overAt < promptAt;
        if (lease.seq >= size || promptAt > nowS || isOver) return [];
        const { seq, wid, agent } = lease;
        const sameness = JSON.stringify(["lease", agent]);
        const about = { seq, wid, agent, about: "lease", sameness, roles: RESPONDERS };
        return [{ kind: "lease", priority: PRIORITY_OF.lease, at: promptAt, ...about }];
      }),
  };
}
