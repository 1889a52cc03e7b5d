import * as z from "zod";
import { err, ok, type Result } from "../app/base/result.ts";
import { checkDraft } from "../app/protocol/acp/check-draft.ts";
import { type AcpClaims, VERDICTS } from "../app/protocol/acp/claims.ts";
import { decideAction } from "../app/protocol/acp/decide-action.ts";
import { normalTyp, parseCompact } from "../app/protocol/jose/compact.ts";
import { timeSchema, uriSchema } from "../app/protocol/jose/formats.ts";
import { type Answer, type LineCommand, readLine } from "./lines.ts";

const name = z.string().min(1).max(256);
const amount = z.string().regex(/^(0|[1-9]\d{0,17})(\.\d{1,12})?$/, "a decimal string");
const currency = z.string().regex(/^[A-Z]{3}$/, "an ISO 4217 code");
const share = z.number().min(0).max(1).nullable().default(null);
const quantity = z.number().nonnegative();

/** `IntendedAction` of decide-action.ts; what is absent is not stated. */
const actionSchema = z.strictObject({
  agent: uriSchema,
  execAct: name,
  resources: z.array(z.string().min(1).max(1024)).nullable().default(null),
  dataClasses: z.array(name).nullable().default(null),
  protocol: z.enum(["a2a", "mcp", "http"]).nullable().default(null),
  domains: z.array(z.string().min(1).max(253)).nullable().default(null),
  cost: z.strictObject({ amount, currency }).nullable().default(null),
  tokens: z.int().nonnegative().nullable().default(null),
  durationS: quantity.nullable().default(null),
  checkpoint: z.boolean().nullable().default(null),
});

/** `NodeUsage`: what the node that decides has used up before. */
const usageSchema = z.strictObject({
  calls: z.int().nonnegative().default(0),
  callsLastMinute: z.int().nonnegative().default(0),
  cost: z.record(currency, amount).default({}),
  tokens: quantity.default(0),
  durationS: quantity.default(0),
});

/** `DecisionContext`; null is not known. */
const contextSchema = z.strictObject({
  nowS: timeSchema.optional(),
  risk: share,
  confidence: share,
  trust: share,
  level: z.int().min(1).max(3).nullable().default(null),
  verdict: z.enum(VERDICTS).nullable().default(null),
  breakers: z.array(name).nullable().default(null),
  consensus: name.nullable().default(null),
});

const lineSchema = z.strictObject({
  acp: z.union([z.string(), z.looseObject({})], { error: "the claims of an acp+jwt, or a compact one" }),
  action: actionSchema,
  usage: usageSchema.prefault({}),
  context: contextSchema.prefault({}),
});

const decide: Answer = (line) => {
  const read = readLine(line, lineSchema);
  if (!read.ok) return read;
  const { acp, action, usage, context } = read.value;
  const policy = policyOf(acp);
  if (!policy.ok) return err(`acp: ${policy.error}`);
  const nowS = context.nowS ?? Math.floor(Date.now() / 1000);
  const { reasons, roles, ...decision } = decideAction(policy.value, action, () => usage, { ...context, nowS });
  return ok({
    ...decision,
    roles: roles.map((role) => ({ ...role })),
    reasons: reasons.map((reason) => ({ ...reason })),
  });
};

/** The claims as the enforcement point would take them (P1, ACP-15); the first thing that is wrong, with its code. */
function policyOf(acp: string | object): Result<AcpClaims, string> {
  const claims = typeof acp === "string" ? payloadOf(acp) : ok(acp);
  if (!claims.ok) return claims;
  const checked = checkDraft(claims.value);
  if (checked.ok) return checked;
  const [problem] = checked.error;
  return err(problem === undefined ? "no policy" : `${problem.code}: ${problem.place}: ${problem.message}`);
}

function payloadOf(compact: string): Result<object, string> {
  const parsed = parseCompact(compact);
  if (!parsed.ok) return err(`${parsed.error.code}: ${parsed.error.detail}`);
  const typ = normalTyp(parsed.value.header.typ ?? "");
  return typ === "acp+jwt" ? ok(parsed.value.payload) : err(`token_wrong_type: typ is "${typ}"; expected acp+jwt`);
}

export const policyCommand: LineCommand = {
  answer: decide,
  help: [
    "how a policy decides about an action (ACP P2 steps 1 to 3), with every reason",
    '{"acp", "action", "usage", "context"}',
    "acp      the claims of an acp+jwt, or a compact one, whose signature and times are not looked at (token verify does);",
    "         one that the enforcement point would not take (P1) ends the run with its code",
    "action   agent, execAct; resources, dataClasses, protocol, domains, cost {amount, currency}, tokens, durationS,",
    "         checkpoint: default null, not stated, which violates a limit and matches a trigger that needs it",
    "usage    of the node that decides, before this action: calls, callsLastMinute, tokens, durationS (default 0),",
    "         cost {currency: amount} (default {})",
    "context  nowS, epoch seconds (default now); risk, confidence, trust (0 to 1), level (1 to 3), verdict, breakers,",
    "         consensus: default null, not known",
    'answer: {"effect": allow, gate, abort or refuse, "code", "constraint", "node", "ruleIds", "strongest", "roles",',
    '"timeoutS", "reasons": [{"step", "subject", "result", "detail", "ratio"}]}',
  ],
};
