import { err, ok, type Result } from "../base/result.ts";
import type { SubmitError } from "../engine/engine.ts";
import type { FactOf } from "../engine/fact.ts";
import { runOf } from "../engine/workflow/decide.ts";
import { agentUri } from "../engine/workflow/plan.ts";
import { refusal } from "../protocol/jose/refusal.ts";
import { drillProblem } from "./drill-start.ts";
import { keyFor } from "./host-keys.ts";
import { agentKeyName, type Host } from "./open-host.ts";

/**
 * Starts a re-enactment, or a stopped one again, under the operator's policy. The agents' keys are durable before the log
 * names them; the playback speed is noted before the first task is given out.
 */
export async function startWorkflow(
  host: Host,
  input: { readonly acp: string; readonly start: string; readonly speed: number },
): Promise<Result<{ readonly wid: string; readonly seq: number }, SubmitError>> {
  const { engine, ports } = host;
  const acp = await engine.receive(input.acp);
  if (!acp.ok) return acp;
  const start = await engine.receive(input.start);
  if (!start.ok) return start;
  if (acp.value.fact.typ !== "acp+jwt" || start.value.fact.typ !== "exec+jwt")
    return err(refusal("token_wrong_type", "a policy (acp+jwt) and a start (exec+jwt) are expected here"));
  const { wid } = start.value.fact.claims;
  const digest = runOf(start.value.fact.claims);
  if (wid === undefined || digest === null)
    return err(refusal("start_mismatch", "the start names no workflow or no recorded run", { claim: "ect_ext" }));
  const plan = await host.runs.plan(digest);
  if (!plan.ok) return plan;
  const drill = drillProblem(plan.value, start.value.fact.claims.ect_ext, ports.sha256);
  if (drill !== null) return err(drill);

  const agents = [];
  for (const agent of plan.value.run.agents) {
    const key = await keyFor(ports.storage.values, agentKeyName(wid, agent.id));
    if (!key.ok) return key;
    agents.push({
      subject: agentUri(engine.ids.domain, wid, agent.id),
      name: agent.name,
      jwk: key.value.jwk,
      kid: key.value.signer.kid,
    });
  }
  await host.conductor.direct(wid, { speed: input.speed });
  const accepted = await engine.submit({
    kind: "start",
    acp: { verified: acp.value.verified, fact: acp.value.fact satisfies FactOf<"acp+jwt"> },
    start: { verified: start.value.verified, fact: start.value.fact },
    agents,
  });
  if (!accepted.ok) return accepted;
  const last = accepted.value.logged.at(-1);
  return ok({ wid, seq: last?.seq ?? 0 });
}
