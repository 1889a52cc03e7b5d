import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Command, Draft, Moment } from "../command.ts";
import { type HostIds, recordDraft } from "../records.ts";
import type { OverrideState, State } from "../state.ts";

/** The tasks of an orderly stop that go on still: what it let end and has not ended. */
export function stillEnding(state: State, { stopping, finishing }: OverrideState): readonly string[] {
  if (!stopping) return [];
  const open: string[] = [];
  for (const { tasks } of state.workflows.values())
    for (const { jti, status } of tasks.values())
      if (finishing.has(jti) && (status === "running" || status === "effect")) open.push(jti);
  return open;
}

/**
 * An orderly stop becomes an immediate one (S10, section c: stopping, then stopped): because the host's monotonic timer of
 * `grace_ms` ran out, or, `reached`, because nothing that it let end goes on any more.
 */
export function decideStopDue(
  state: State,
  { signal: jti, reached }: Extract<Command, { kind: "stop_due" }>,
  ids: HostIds,
  moment: Moment,
): Result<Draft[], Refusal> {
  const signal = state.overrides.get(jti);
  if (signal === undefined) return err(refusal("override_not_found", "no such signal", { jti }));
  if (!signal.latched || !signal.stopping)
    return err(refusal("override_not_in_force", "nothing stops in order by that signal", { jti }));
  const open = stillEnding(state, signal);
  if (reached && open.length > 0)
    return err(refusal("override_state_invalid", "something it lets end goes on still", { jti }));
  const { scope } = signal.claims;
  return ok([
    recordDraft(
      ids,
      moment,
      "stop_due",
      scope.kind === "workflow" ? scope.id : null,
      { timer: "grace_ms", of: jti },
      { signal: jti, reached, open: open.slice(0, 100) },
    ),
  ]);
}
