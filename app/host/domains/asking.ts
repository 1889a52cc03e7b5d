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
import type { DomainHosts } from "./domain-hosts.ts";
import { type OwnHost, ownSeat } from "./own-seat.ts";
import { type AnsweringSeat, seatOf } from "./trail-seat.ts";
import { tried } from "./tried.ts";
import { inTurn } from "./turns.ts";

export interface AskingPorts extends AnsweringPorts {
  readonly hosts: DomainHosts;
  readonly clock: Clock;
  /** The console's own, which is asked like the others (XDA-7). */
  own(): OwnHost;
}

/** The domain of this name where it can be asked here. */
export async function seatAt({ hosts, own }: AskingPorts, domain: string): Promise<AnsweringSeat | null> {
  const of = hosts.get(domain);
  if (of !== undefined) return seatOf(of);
  return domain === own().engine.ids.domain ? ownSeat(own()) : null;
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
  const of = await seatAt(ports, domain);
  if (of === null) {
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
  // What its storage or its signature fails at is no answer; a no of its own is one, and so is that it waits.
  const said = "status" in answer.error ? SAID[code] : undefined;
  return { ...silent(domain, code, detail), ...(said === undefined ? {} : { state: said }) };
}

const SAID: Readonly<Record<string, DomainReply["state"]>> = {
  query_denied: "denied",
  query_refused: "denied",
  query_not_held: "denied",
  query_lapsed: "denied",
  query_fetched: "denied",
  query_approval_needed: "held",
};

const silent = (domain: string, code: string, detail: string): AskedDomain => ({
  ...{ domain, state: "silent", complete: false, external: [], code, detail, token: null, trail: null },
});

/** Asked and verified as if it had come from afar: with the keys that the domain's log has. */
async function answered(
  ports: AskingPorts,
  of: AnsweringSeat,
  asker: string,
  compact: string,
): Promise<Result<{ readonly trail: ReadTrail; readonly token: string }, SubmitError>> {
  const { engine, ports: own } = of.host;
  const sent = await answerFrom(ports, of, compact);
  if (!sent.ok) return sent;
  const { pepId, logId } = engine.ids;
  const named = [sent.value.token, ...sent.value.content.entries.map((text) => text.split("~")[0] ?? "")];
  const kids = new Set(named.map((one) => parsedKid(one)));
  const trusted = new Map(await Promise.all([...kids].map(async (kid) => [kid, await engine.keyOf(kid)] as const)));
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

function parsedKid(compact: string): string {
  const parsed = parseCompact(compact);
  return parsed.ok ? (parsed.value.header.kid ?? "") : "";
}
