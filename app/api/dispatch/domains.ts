import { must } from "../../base/assert.ts";
import { gapId } from "../../host/domains/findings.ts";
import type { LooseEnds } from "../../host/domains/trail-desk.ts";
import type { Host } from "../../host/open-host.ts";
import type { StitchedTrail } from "../../protocol/audit/stitch.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import { CROSSING_STATES, type CrossingView, type DomainView } from "../contract/domains.ts";
import { api, errorFor, positionOf, valueOr } from "./base.ts";
import { domainOrderHandlers } from "./domain-orders.ts";
import { crossingView, domainView, type Findings, gapView, offsetOf } from "./domain-views.ts";
import { heldQuestionHandlers } from "./held-questions.ts";
import { domainAnswer } from "./trail-answer.ts";

const EMPTY: StitchedTrail = {
  order: [],
  edges: [],
  crossings: [],
  problems: [],
  gaps: [],
  levels: new Map(),
  level: null,
};

export const domainsOperations = {
  list: api.domains.list.handler(async ({ context: { host } }) => {
    const desk = await host.domains.desk();
    const beside = desk?.hosts.all() ?? [];
    const unread = [...(desk?.hosts.troubles() ?? [])].map(
      ([domain, { detail }]): DomainView => ({
        ...{ domain, kind: "beside", reg: null, policy: null, state: "unread", detail },
        ...{ checked: 0, size: null, root: null, sth: null, gatewayKid: null, gatewayUntil: null },
      }),
    );
    return {
      position: await positionOf(host),
      domains: [
        await domainView(host, null, beside),
        ...(await Promise.all(beside.map((one) => domainView(one.host, one, beside)))),
        ...unread,
      ],
      offsets: beside.flatMap((a, at) => beside.slice(at + 1).map((b) => offsetOf(desk, a.domain, b.domain))),
    };
  }),

  crossings: api.domains.crossings.handler(async ({ context: { host }, input: { wid, state } }) => {
    const { crossings, gaps } = await endsOf(host, wid ?? null);
    const findings = await findingsOf(host);
    const counts = Object.fromEntries(
      CROSSING_STATES.map((of) => [of, crossings.filter((crossing) => crossing.state === of).length]),
    ) as Record<CrossingView["state"], number>; // one member for each state
    return {
      position: await positionOf(host),
      crossings: crossings
        .filter((crossing) => state === undefined || crossing.state === state)
        .map((crossing) => crossingView(crossing, findings))
        .toSorted((a, b) => URGENCY[a.state] - URGENCY[b.state] || b.since - a.since),
      gaps: gaps.flatMap((gap) => gapView(gap, findings)),
      counts,
    };
  }),

  crossing: api.domains.crossing.handler(async ({ context: { host }, input: { stitchId }, errors }) => {
    const desk = await host.domains.desk();
    const found = (await endsOf(host, null)).crossings.find((crossing) => crossing.stitchId === stitchId);
    if (desk === null || found === undefined)
      throw errorFor(refusal("crossing_unknown", "no log here tells of this crossing"), errors);
    const { crossingDetail } = await import("./crossing-detail.ts");
    return { position: await positionOf(host), detail: await crossingDetail(desk, found, await findingsOf(host)) };
  }),

  trail: api.domains.trail.handler(async ({ context: { host }, input: { wid } }) => {
    const { order, edges, problems, gaps, levels, level } = await trailOf(host, wid);
    return {
      position: await positionOf(host),
      nodes: order.map(({ key, domain, seq, jti, execAct, outcome, lamport, level: own, at, stitch }) => ({
        ...{ key, domain, seq, jti, execAct, outcome, lamport, level: own, at },
        stitch: stitch ?? null,
      })),
      edges: edges.map(([cause, effect]): [string, string] => [cause, effect]),
      problems: problems.map(({ code, detail, nodes }) => ({ code, detail, nodes: [...nodes] })),
      levels: [...levels].map(([domain, of]) => ({ domain, level: of })),
      level,
      complete: gaps.length === 0,
    };
  }),

  ask: api.domains.ask.handler(async ({ context: { host }, input: { token }, errors }) => {
    const desk = await host.domains.desk();
    if (desk === null) throw errorFor(refusal("domain_not_here", "this console has no other domain to ask"), errors);
    const { replies, complete } = valueOr(await desk.ask(token), errors);
    return { position: await positionOf(host), answers: replies.map(domainAnswer), complete };
  }),

  ...heldQuestionHandlers,
  ...domainOrderHandlers,

  handle: api.domains.handle.handler(async ({ context: { host }, input, errors }) => {
    const { fact, verified } = valueOr(await host.engine.receive(input.token), errors);
    if (fact.typ !== "crossing-handling+jwt")
      throw errorFor(refusal("token_wrong_type", "a crossing-handling+jwt is expected here"), errors);
    const known = await endsOf(host, null);
    const { item, finding } = fact.claims;
    const ids = [...known.crossings.map(({ stitchId }) => stitchId), ...known.gaps.map(gapId)];
    if (!ids.includes(item)) throw errorFor(refusal("crossing_unknown", "nothing of this id was found here"), errors);
    const { logged } = valueOr(await host.engine.submit({ kind: "token", verified, fact }), errors);
    return { seq: must(logged[0], "what was accepted is logged").seq, finding };
  }),
};

/** What asks for somebody comes first. */
const URGENCY: Readonly<Record<CrossingView["state"], number>> = {
  conflict: 0,
  dangling: 1,
  refused: 2,
  uncompared: 3,
  announced: 4,
  matched: 5,
  verified: 6,
};

async function trailOf(host: Host, wid: string): Promise<StitchedTrail> {
  return (await host.domains.desk())?.trails.trail(wid) ?? EMPTY;
}

async function endsOf(host: Host, wid: string | null): Promise<LooseEnds> {
  return (await host.domains.desk())?.trails.ends(wid === null ? null : [wid]) ?? EMPTY;
}

function findingsOf(host: Host): Promise<Findings> {
  return host.engine.read((state) => structuredClone(state.findings));
}
