import { must } from "../../base/assert.ts";
import { livenessOf } from "../../engine/liveness/liveness-state.ts";
import type { State } from "../../engine/state.ts";
import { discoveryOf } from "../../host/discovery.ts";
import type { Host } from "../../host/open-host.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import { leaseTimes } from "../../protocol/liveness/lease-times.ts";
import { DEGRADED_AFTER_S, HEARTBEAT_S, RESTRICTED_AFTER_S } from "../../protocol/liveness/terms.ts";
import type { AgentLivenessView, LeaseView } from "../contract/liveness.ts";
import { asOf } from "./as-of.ts";
import { api, errorFor, positionOf, valueOr } from "./base.ts";

export const livenessOperations = {
  discovery: api.liveness.discovery.handler(({ context: { host } }) => discoveryOf(host)),

  agents: api.liveness.agents.use(asOf).handler(async ({ context: { host }, input: { wid } }) => {
    const agents = await host.engine.read((state) =>
      [...state.workflows.values()]
        .filter((workflow) => (wid === undefined ? workflow.status === "running" : workflow.wid === wid))
        .flatMap(({ agents: all }) => (wid === undefined ? all.filter((agent) => state.liveness.has(agent)) : all))
        .map((agent) => viewOf(host, state, agent)),
    );
    return {
      position: await positionOf(host),
      heartbeatS: HEARTBEAT_S,
      degradedAfterS: DEGRADED_AFTER_S,
      restrictedAfterS: RESTRICTED_AFTER_S,
      agents,
    };
  }),

  lease: api.liveness.lease.handler(async ({ context: { host }, input, errors }) => {
    const { fact, verified } = valueOr(await host.engine.receive(input.token), errors);
    if (fact.typ !== "lease+jwt") throw errorFor(refusal("token_wrong_type", "a lease+jwt is expected here"), errors);
    const { logged } = valueOr(await host.engine.submit({ kind: "token", verified, fact }), errors);
    return { seq: must(logged[0], "an accepted lease is logged").seq };
  }),
};

function viewOf(host: Host, state: State, agent: string): AgentLivenessView {
  const { plan, declared, lease, link, returned } = livenessOf(state, agent);
  return {
    agent,
    plan: { do: plan.do, afterS: plan.after_s },
    declared,
    lease: lease === null ? null : leaseView(host, agent, lease),
    link: link === null ? null : { stage: link.stage, heardAt: link.heardAt, at: link.at, seq: link.seq },
    clockOffsetMs: host.clockOffsetMs(agent),
    returned: returned === null ? null : { ...returned },
  };
}

function leaseView(host: Host, agent: string, lease: NonNullable<ReturnType<typeof livenessOf>["lease"]>): LeaseView {
  const { jti, by, at, durationS, lapsed, seq } = lease;
  return { jti, by, at, durationS, lapsed, seq, ...leaseTimes(lease), remainingMs: host.liveness.leaseLeftMs(agent) };
}
