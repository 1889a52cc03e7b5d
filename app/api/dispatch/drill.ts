import { err, ok, type Result } from "../../base/result.ts";
import { provenControls } from "../../engine/drill/proven.ts";
import type { DrillState } from "../../engine/state.ts";
import { agentUri } from "../../engine/workflow/plan.ts";
import type { DrillNow } from "../../host/drill-director.ts";
import { DRILL_EXT } from "../../protocol/drill/drill-mark.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { DrillNowView, DrillView } from "../contract/drill.ts";
import { asOf } from "./as-of.ts";
import { api, positionOf, valueOr } from "./base.ts";

export const drillOperations = {
  prepareSelfTest: api.drill.prepareSelfTest.handler(async ({ context: { host }, input, errors }) => {
    const { prepareSelfTest } = await import("./self-test.ts");
    return valueOr(await prepareSelfTest(host, input), errors);
  }),

  startSelfTest: api.drill.startSelfTest.handler(async ({ context: { host }, input, errors }) => {
    valueOr(marked(input.start), errors);
    const { startSelfTest } = await import("./self-test.ts");
    return valueOr(await startSelfTest(host, input), errors);
  }),

  selfTests: api.drill.selfTests.use(asOf).handler(async ({ context: { host }, input }) => {
    const { selfTests } = await import("./self-test.ts");
    return { position: await positionOf(host), ...(await selfTests(host, input.agent ?? null)) };
  }),

  scripts: api.drill.scripts.handler(async ({ context: { host } }) => {
    const { drillScripts } = await import("../../host/drill-start.ts");
    return { scripts: drillScripts(), place: host.ports.pool.place };
  }),

  prepare: api.drill.prepare.handler(async ({ context: { host }, input, errors }) => {
    const { preparedDrill } = await import("../../host/drill-start.ts");
    const { run, action, delegatedBy } = valueOr(preparedDrill(input.script, input.size), errors);
    const { digest } = valueOr(await host.runs.add(run), errors);
    const { domain, pepId } = host.engine.ids;
    return {
      wid: input.wid,
      digest,
      pepId,
      action,
      agents: run.agents.map(({ id }, at) => ({
        agent: agentUri(domain, input.wid, id),
        delegatedBy: delegatedBy[at] ?? null,
      })),
    };
  }),

  start: api.drill.start.handler(async ({ context: { host }, input, errors }) => {
    valueOr(marked(input.start), errors);
    const { startWorkflow } = await import("../../host/start-workflow.ts");
    return valueOr(await startWorkflow(host, { ...input, speed: 1 }), errors);
  }),

  state: api.drill.state.use(asOf).handler(async ({ context: { host }, input, errors }) => {
    const drill = await host.engine.read((state) => {
      const found = state.drills.get(input.wid);
      return found === undefined ? null : drillView(found);
    });
    if (drill === null) return valueOr(err(unknown()), errors);
    const now = drill.score === null ? host.drills.now(input.wid) : null;
    return { position: await positionOf(host), drill, now: now === null ? null : nowView(now) };
  }),

  abort: api.drill.abort.handler(async ({ context: { host }, input, errors }) => {
    valueOr(await host.drills.abort(input.wid, input.by), errors);
    return { wid: input.wid };
  }),

  history: api.drill.history.use(asOf).handler(async ({ context: { host }, input }) => {
    const drills = await host.engine.read((state) =>
      [...state.drills.values()]
        .filter(({ score }) => input.only === undefined || score === null)
        .toSorted((a, b) => b.seq - a.seq)
        .map(drillView),
    );
    return { position: await positionOf(host), drills };
  }),

  proven: api.drill.proven.use(asOf).handler(async ({ context: { host } }) => {
    const nowS = Math.floor(host.ports.clock.nowMs() / 1000);
    const controls = await host.engine.read((state) => provenControls(state, nowS));
    const isTested = await host.engine.read((state) => state.selfTests.size > 0);
    const selfTests = isTested
      ? await (await import("./self-test.ts")).selfTestAlarms(host, nowS)
      : { failed: 0, overdue: 0, nextDueAt: null };
    return { position: await positionOf(host), controls, selfTests };
  }),
};

const unknown = () => ({ ...refusal("drill_unknown", "no drill of this log has that id"), status: 404 });

/** Nothing but a drill is started here: what the mark says is checked with the start, as its signature is. */
function marked(start: string): Result<true, Refusal> {
  const parsed = parseCompact(start);
  if (!parsed.ok) return parsed;
  const ext = parsed.value.payload.ect_ext;
  return typeof ext === "object" && ext !== null && DRILL_EXT in ext
    ? ok(true)
    : err(refusal("drill_unmarked", "a drill's start says that it is one", { claim: "ect_ext" }));
}

function drillView(drill: DrillState): DrillView {
  const { wid, script, size, by, at, seq, againDays, score } = drill;
  return {
    wid,
    script,
    size,
    by,
    startedAt: at,
    seq,
    againDays,
    score: score === null ? null : structuredClone(score),
  };
}

function nowView(now: DrillNow): DrillNowView {
  const { states, ...facts } = now;
  return {
    ...facts,
    states: {
      commanded: states.get("commanded") ?? 0,
      acknowledged: states.get("acknowledged") ?? 0,
      verified: states.get("verified") ?? 0,
      violated: states.get("violated") ?? 0,
      unconfirmed: states.get("unconfirmed") ?? 0,
    },
  };
}
