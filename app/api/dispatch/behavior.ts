import { must } from "../../base/assert.ts";
import { roleProblem } from "../../engine/identity/roles.ts";
import { verifierId } from "../../engine/records.ts";
import type { Host } from "../../host/open-host.ts";
import { readRuns } from "../../host/task-names.ts";
import { standingOf } from "../../protocol/behavior/standing.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import { MAX_ALARMS } from "../contract/behavior.ts";
import { asOf } from "./as-of.ts";
import { api, errorFor, positionOf, valueOr } from "./base.ts";
import { evidenceRows } from "./behavior-evidence.ts";
import { behaviorProfileOperations } from "./behavior-profiles.ts";
import { agentDetail, askedAbout, fleetOf, isKnownAgent, reachOf } from "./behavior-views.ts";

const nowS = (host: Host): number => Math.floor(host.ports.clock.nowMs() / 1000);
const UNKNOWN = { ...refusal("behavior_agent_unknown", "no such agent in this log", { claim: "agent" }), status: 404 };

export const behaviorOperations = {
  ...behaviorProfileOperations,

  fleet: api.behavior.fleet.use(asOf).handler(async ({ context: { host } }) => {
    const agents = await host.engine.read((state) => fleetOf(state, nowS(host)));
    return { position: await positionOf(host), agents };
  }),

  alarms: api.behavior.alarms.use(asOf).handler(async ({ context: { host } }) => {
    const all = await host.engine.read((state) => fleetOf(state, nowS(host)));
    const counts = { unverified: 0, conformant: 0, drifting: 0, nonconformant: 0, stale: 0, quarantined: 0 };
    for (const { state } of all) counts[state] += 1;
    const agents = all
      .filter(({ state }) => state !== "conformant" && state !== "unverified")
      .slice(0, MAX_ALARMS)
      .map(({ agent, name, state, since, seq }) => ({ agent, name, state, since, seq }));
    return { position: await positionOf(host), counts, agents };
  }),

  agent: api.behavior.agent.use(asOf).handler(async ({ context: { host }, input, errors }) => {
    const runs = await readRuns(host);
    const agent = standingOf(input.agent);
    const found = await host.engine.read((state) =>
      isKnownAgent(state, agent) ? agentDetail(host, state, runs, agent, nowS(host)) : null,
    );
    if (found === null) throw errorFor(UNKNOWN, errors);
    return { position: await positionOf(host), ...found };
  }),

  reach: api.behavior.reach.use(asOf).handler(async ({ context: { host }, input }) => {
    const runs = await readRuns(host);
    const instances = await host.engine.read((state) => reachOf(host, state, runs, standingOf(input.agent)));
    return { position: await positionOf(host), instances };
  }),

  asserted: api.behavior.asserted.use(asOf).handler(async ({ context: { host } }) => {
    const { assertedView } = await import("./behavior-asserted.ts");
    return { position: await positionOf(host), ...(await assertedView(host)) };
  }),

  evidence: api.behavior.evidence.handler(async ({ context: { host }, input, errors }) => {
    const agent = standingOf(input.agent);
    const denied = await host.engine.read((state) =>
      roleProblem(state, input.reader, ["auditor"], nowS(host), {
        code: "evidence_role_denied",
        what: "looking at raw evidence",
        claim: "reader",
      }),
    );
    if (denied !== null) throw errorFor(denied, errors);
    const read = { operator: input.reader, kind: "evidence", object: agent, wid: null } as const;
    const noted = host.audits === null ? null : await host.audits.read(read);
    // That it is on record is what was asked for.
    if (noted !== null && !noted.ok && noted.error.code !== "audit_read_recorded") valueOr(noted, errors);
    return { position: await positionOf(host), evidence: await evidenceRows(host, agent) };
  }),

  order: api.behavior.order.handler(async ({ context: { host }, input, errors }) => {
    const { fact, verified } = valueOr(await host.engine.receive(input.token), errors);
    if (fact.typ !== "behavior-order+jwt")
      throw errorFor(refusal("token_wrong_type", "a behavior-order+jwt is expected here"), errors);
    const { logged } = valueOr(await host.engine.submit({ kind: "token", verified, fact }), errors);
    const facts = logged.map((one) => one.fact);
    return {
      seq: must(logged[0], "an accepted order is logged").seq,
      jti: fact.claims.jti,
      leasesCut: facts.filter((one) => one.typ === "record+jwt" && one.claims.kind === "lease_ended").length,
      breakersOpened: facts.filter((one) => one.typ === "circuit-state+jwt" && one.claims.state === "forced_open")
        .length,
    };
  }),

  submitEvidence: api.behavior.submitEvidence.handler(async ({ context: { host }, input, errors }) => {
    const { fact, verified } = valueOr(await host.engine.receive(input.token), errors);
    if (fact.typ === "ear+jwt") {
      // A result that is carried along (passport): it counts where it is the one this log has (BEH-S4).
      // Of anybody else's the id alone would say that it is known.
      const isOwn = fact.claims.iss === verifierId(host.engine.ids);
      const known = await host.engine.read((state) =>
        [...state.behavior.agents.values()]
          .flatMap(({ evidence }) => evidence)
          .find(({ typ, jti }) => isOwn && typ === "ear" && jti === fact.claims.jti),
      );
      if (known !== undefined) return { seq: known.seq, jti: known.jti, problem: null };
    } else if (fact.typ !== "bet+jwt" && fact.typ !== "bench-result+jwt") {
      throw errorFor(
        refusal("token_wrong_type", "a bet+jwt, an ear+jwt or a bench-result+jwt is expected here"),
        errors,
      );
    }
    const nonce = fact.typ === "bet+jwt" ? await host.behavior.answered(fact.claims.subject, fact.claims.nonce) : null;
    const evidence = nonce === null ? {} : { evidence: { nonce } };
    const { logged } = valueOr(await host.engine.submit({ kind: "token", verified, fact, ...evidence }), errors);
    const first = must(logged[0], "what is accepted is logged");
    const refused = first.fact.typ === "record+jwt" ? first.fact.claims.data : null;
    const problem = refused === null ? null : { code: String(refused.code), detail: String(refused.detail) };
    return { seq: first.seq, jti: fact.claims.jti ?? "", problem };
  }),

  challenge: api.behavior.challenge.handler(async ({ context: { host }, input }) => {
    const { nonce, untilMs } = await host.behavior.challenge(input.agent);
    const about = await host.engine.read((state) => askedAbout(state, input.agent));
    return { nonce, until: Math.floor(untilMs / 1000), ...about };
  }),
};
