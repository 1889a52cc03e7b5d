import type { AskedNow } from "../../host/domains/asked-state.ts";
import type { HeldAt } from "../../host/domains/deciding.ts";
import { givenOf } from "../../protocol/audit/held-question.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import type { AskedQuestionView, HeldQuestionView } from "../contract/held-questions.ts";
import { api, errorFor, positionOf, valueOr } from "./base.ts";

export const heldQuestionHandlers = {
  asked: api.domains.asked.handler(async ({ context: { host } }) => {
    const desk = await host.domains.desk();
    const asked = (await desk?.asked()) ?? [];
    return { position: await positionOf(host), questions: asked.map(askedView) };
  }),

  questions: api.domains.questions.handler(async ({ context: { host } }) => {
    const desk = await host.domains.desk();
    const held = (await desk?.questions.all()) ?? [];
    return { position: await positionOf(host), questions: held.map(heldView) };
  }),

  question: api.domains.question.handler(async ({ context: { host }, input: { domain, jti }, errors }) => {
    const desk = await host.domains.desk();
    if (desk === null) throw errorFor(refusal("domain_not_here", "this console has no other domain"), errors);
    const { held, preview } = valueOr(await desk.questions.one(domain, jti), errors);
    const { entries, claims, redacted } = preview;
    return {
      position: await positionOf(host),
      question: heldView(held),
      preview: { entries, claims: { ...claims }, redacted: { ...redacted } },
    };
  }),

  decideQuestion: api.domains.decideQuestion.handler(async ({ context: { host }, input: { token }, errors }) => {
    const desk = await host.domains.desk();
    if (desk === null) throw errorFor(refusal("domain_not_here", "this console has no other domain"), errors);
    return { ...valueOr(await desk.questions.decide(token), errors) };
  }),
};

function askedView({ query, held, reply, ...row }: AskedNow): AskedQuestionView {
  const { iss: asker, purpose, role, reason = "", wid, stitch_id, agents, exec_act, from, to } = query;
  const { outcome, min_level, fields, page, page_size } = query;
  const decision = held?.decision?.claims ?? null;
  return {
    ...{ domain: row.domain, token: row.token, askedAt: row.askedS, state: row.state, fetchPage: row.fetchPage, asker },
    asks: {
      ...{ purpose, role, reason, wid, stitch_id, agents, exec_act, from, to },
      ...{ outcome, min_level, fields, page, page_size },
    },
    ...{ code: reply?.code ?? null, detail: reply?.detail ?? "" },
    held:
      held === null
        ? null
        : {
            ...{ jti: held.query.jti, hash: held.hash, until: held.until, given: givenOf(held) },
            approved: decision?.outcome === "approve" ? decision.shown.entries : null,
            decision: decision === null ? null : { by: decision.iss, reason: decision.reason },
          },
  };
}

function heldView({ query, decision, fetched, compact, ...held }: HeldAt): HeldQuestionView {
  const { domain, hash, seq, state, at, until, givenInHour } = held;
  const { jti, iss: asker, role, purpose, reason = null, fields, page, page_size: pageSize } = query;
  const { wid, stitch_id, agents, exec_act, from, to, outcome, min_level } = query;
  const filters = Object.entries({ wid, stitch_id, agents, exec_act, from, to, outcome, min_level });
  return {
    ...{ domain, jti, hash, token: compact, seq, state, at, until, asker, role, purpose, reason, page, pageSize },
    filters: filters.flatMap(([name, value]) =>
      value === undefined ? [] : [{ name, value: Array.isArray(value) ? value.join(", ") : String(value) }],
    ),
    fields: fields === undefined ? null : [...fields],
    givenInHour,
    decision:
      decision === null
        ? null
        : {
            outcome: decision.claims.outcome,
            by: decision.claims.iss,
            role: decision.claims.role,
            reason: decision.claims.reason,
            at: decision.at,
            entries: decision.claims.shown.entries,
            given: givenOf({ fetched }),
          },
  };
}
