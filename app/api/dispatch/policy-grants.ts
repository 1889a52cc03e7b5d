import { grantProblem } from "../../engine/gate/grants.ts";
import type { GrantState, State } from "../../engine/state.ts";
import type { Host } from "../../host/open-host.ts";
import type { GrantRow } from "../contract/policy.ts";

/** Characters of a run's name in a list. */
const MAX_NAME = 256;

const STATE_OF: Readonly<Record<string, GrantRow["state"]>> = {
  grant_revoked: "revoked",
  grant_expired: "expired",
  grant_void: "void",
};

/** Every standing grant of the log: those in force first, then the newest. */
export function grantRows(host: Host, runs: ReadonlyMap<string, string>, state: State, nowS: number): GrantRow[] {
  const rank = (row: GrantRow): number => (row.state === "in_force" ? 0 : 1);
  return [...state.grants.values()]
    .map((grant) => grantRow(host, runs, state, grant, nowS))
    .sort((a, b) => rank(a) - rank(b) || b.seq - a.seq);
}

function grantRow(
  host: Host,
  runs: ReadonlyMap<string, string>,
  state: State,
  { jti, hash, seq, at, claims, uses, revoked }: GrantState,
  nowS: number,
): GrantRow {
  const workflow = state.workflows.get(claims.wid);
  const problem =
    workflow === undefined ? null : grantProblem(state, { jti, hash, seq, at, claims, uses, revoked }, workflow, nowS);
  const ended = problem === null ? undefined : STATE_OF[problem.code];
  return {
    ...{ jti, hash, seq, at, uses },
    by: claims.iss,
    until: claims.exp,
    wid: claims.wid,
    runName: (host.runs.known(runs.get(claims.wid) ?? "")?.run.name ?? "").slice(0, MAX_NAME),
    policy: claims.acp.jti,
    agent: claims.agent,
    execAct: claims.exec_act,
    ruleIds: [...claims.rule_ids],
    role: claims.role,
    resources: claims.resources === undefined ? null : [...claims.resources],
    maxUses: claims.max_uses,
    reason: claims.reason,
    state:
      revoked !== null
        ? "revoked"
        : uses >= claims.max_uses
          ? "used_up"
          : workflow?.status === "finished"
            ? "void"
            : (ended ?? "in_force"),
    revoked: revoked === null ? null : { ...revoked },
  };
}
