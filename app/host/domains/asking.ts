import type { Clock } from "../../base/ports.ts";
import type { Result } from "../../base/result.ts";
import type { SubmitError } from "../../engine/engine.ts";
import { ANSWER_WITHIN_MS, type DomainReply, isTrailComplete } from "../../protocol/audit/answer-query.ts";
import { AUDIT_QUERY_TYPE } from "../../protocol/audit/audit-query.ts";
import { type ReadTrail, verifyTrail } from "../../protocol/audit/audit-trail.ts";
import { trustDomainOf } from "../../protocol/audit/trust-domain.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import { tokenDigest } from "../../protocol/jose/sign-token.ts";
import { type AnsweringPorts, answerFrom } from "./answering.ts";
import type { DomainHost, DomainHosts } from "./domain-hosts.ts";
import { tried } from "./tried.ts";

export interface AskingPorts extends AnsweringPorts {
  readonly hosts: DomainHosts;
  readonly clock: Clock;
}

/** What one domain answered, verified; or why there is nothing of it. */
export interface AskedDomain extends DomainReply {
  readonly code: string | null;
  readonly detail: string;
  readonly token: string | null;
  readonly trail: ReadTrail | null;
}

export interface AskedDomains {
  readonly replies: readonly AskedDomain[];
  readonly complete: boolean;
}

/**
 * Asks every domain that a question is addressed to, each for itself, and verifies what it answers. Whoever has not answered
 * in time is told as silent, and the others' answers are there nevertheless (XDA-11). Refusal: `token_malformed`,
 * `token_claim_invalid`.
 */
export async function askDomains(
  ports: AskingPorts,
  compact: string,
  withinMs = ANSWER_WITHIN_MS,
): Promise<Result<AskedDomains, Refusal>> {
  const parsed = parseCompact(compact);
  if (!parsed.ok) return parsed;
  const query = AUDIT_QUERY_TYPE.schema.safeParse(parsed.value.payload);
  if (!query.success) {
    const [issue] = query.error.issues;
    const claim = issue?.path.join(".") ?? "";
    return { ok: false, error: refusal("token_claim_invalid", `${claim}: ${issue?.message ?? "invalid"}`, { claim }) };
  }
  const { aud, iss } = query.data;
  const names = [...new Set(aud.map((id) => trustDomainOf(id) ?? id))];
  const replies = await Promise.all(names.map((domain) => askOne(ports, domain, iss, compact, withinMs)));
  return { ok: true, value: { replies, complete: isTrailComplete(replies) } };
}

async function askOne(
  ports: AskingPorts,
  domain: string,
  asker: string,
  compact: string,
  withinMs: number,
): Promise<AskedDomain> {
  const { hosts, clock } = ports;
  const of = hosts.get(domain);
  if (of === undefined) {
    const trouble = hosts.troubles().get(domain);
    return silent(domain, "domain_not_here", trouble?.detail ?? "no log of this domain can be read here");
  }
  const late = { cancel: (): void => undefined };
  const timeout = new Promise<null>((resolve) => {
    late.cancel = clock.after(withinMs, () => resolve(null));
  });
  const answer = await Promise.race([inTurn(of, () => tried(() => answered(ports, of, asker, compact))), timeout]);
  late.cancel();
  if (answer === null) return silent(domain, "domain_silent", `it did not answer within ${withinMs / 1000} s`);
  if (answer.ok) {
    const { trail, token } = answer.value;
    const { complete } = trail.claims;
    return {
      domain,
      state: "answered",
      complete,
      external: trail.content.external,
      code: null,
      detail: "",
      token,
      trail,
    };
  }
  const { code, detail } = answer.error;
  // What its storage or its signature fails at is no answer; a no of its own is one.
  return "status" in answer.error && DENIALS.has(code)
    ? { ...silent(domain, code, detail), state: "denied" }
    : silent(domain, code, detail);
}

const DENIALS: ReadonlySet<string> = new Set(["query_denied", "query_approval_needed"]);

const silent = (domain: string, code: string, detail: string): AskedDomain => ({
  ...{ domain, state: "silent", complete: false, external: [], code, detail, token: null, trail: null },
});

/** Asked and verified as if it had come from afar: with the key that the domain's log has for its gateway. */
async function answered(
  ports: AskingPorts,
  of: DomainHost,
  asker: string,
  compact: string,
): Promise<Result<{ readonly trail: ReadTrail; readonly token: string }, SubmitError>> {
  const { engine, ports: own } = of.host;
  const sent = await answerFrom(ports, of, compact);
  if (!sent.ok) return sent;
  const { pepId, logId } = engine.ids;
  const keys = await engine.read((state) => [...state.keys.values()].filter(({ subject }) => subject === pepId));
  const trusted = new Map(await Promise.all(keys.map(async ({ kid }) => [kid, await engine.keyOf(kid)] as const)));
  const question = {
    ...{ queryHash: tokenDigest(compact, own.sha256), domain: of.domain, gatewayId: pepId, logId },
  };
  const trail = await verifyTrail(sent.value, question, {
    nowS: Math.floor(own.clock.nowMs() / 1000),
    ownIds: [asker],
    resolveKey: (kid) => trusted.get(kid),
    seen: () => false,
    algorithms: ["ES256", "EdDSA"],
    sha256: own.sha256,
  });
  return trail.ok ? { ok: true, value: { trail: trail.value, token: sent.value.token } } : trail;
}

const turns = new WeakMap<DomainHost, Promise<unknown>>();

/** One question after another: what one was given counts for the next (XDA-S7), and none is answered twice (COM-7). */
function inTurn<T>(of: DomainHost, ask: () => Promise<T>): Promise<T> {
  const mine = (turns.get(of) ?? Promise.resolve()).then(ask);
  turns.set(
    of,
    mine.catch(() => undefined),
  );
  return mine;
}
