import { assertNever } from "../../base/assert.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { SubmitError } from "../../engine/engine.ts";
import { holdsRole } from "../../engine/identity/roles.ts";
import type { BorderVersionName } from "../../protocol/audit/border-policy.ts";
import {
  borderOrderProblem,
  confirmProblem,
  MAY_CONFIRM_BORDER,
  MAY_SET_BORDER,
  orderSignerProblem,
} from "../../protocol/audit/border-versions.ts";
import { DOMAIN_ORDER_TYPE, type DomainOrder, type DomainOrderClaims } from "../../protocol/audit/domain-order.ts";
import { MAY_END_HOLD, MAY_ERASE, MAY_HOLD } from "../../protocol/audit/erasure-order.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { Verified } from "../../protocol/jose/verify-token.ts";
import type { AskingPorts } from "./asking.ts";
import { put } from "./crossing.ts";
import type { DomainHost } from "./domain-hosts.ts";
import { eraseOrderProblem, holdOrderProblem } from "./erasing.ts";
import { eraseDue } from "./erasure.ts";
import { receivedFromPerson, verifiedFromPerson } from "./introduced.ts";
import { tried } from "./tried.ts";
import { inTurn } from "./turns.ts";

/** An order as its domain's log has it. */
export interface Ordered {
  readonly domain: string;
  readonly kind: DomainOrder["kind"];
  readonly seq: number;
  /** In force once it was taken. */
  readonly border: BorderVersionName;
  /** Of an order to erase: the entry that says it is done. */
  readonly doneSeq: number | null;
}

/** Who may give which order [ours]. */
const MAY: Readonly<Record<DomainOrder["kind"], readonly string[]>> = {
  border_policy: MAY_SET_BORDER,
  confirm: MAY_CONFIRM_BORDER,
  legal_hold: MAY_HOLD,
  end_hold: MAY_END_HOLD,
  erase: MAY_ERASE,
};

const nowOf = ({ host }: Pick<DomainHost, "host">): number => Math.floor(host.ports.clock.nowMs() / 1000);

/**
 * A person's `domain-order+jwt` (XDA-72 to XDA-76). It goes into that domain's log, or nothing came of it. Refusals: those of
 * common token verification, `domain_not_here`, `domain_order_role`, `domain_order_auth_stale`, and those of what it orders.
 */
export async function orderDomain(ports: AskingPorts, compact: string): Promise<Result<Ordered, SubmitError>> {
  const parsed = parseCompact(compact);
  if (!parsed.ok) return parsed;
  const { domain } = parsed.value.payload;
  const of = typeof domain === "string" ? ports.hosts.get(domain) : undefined;
  if (of === undefined)
    return err(refusal("domain_not_here", "no domain of this name beside the console's own can be written to here"));
  return inTurn(of, () => tried(() => orderAt(ports, of, compact)));
}

async function orderAt(ports: AskingPorts, of: DomainHost, compact: string): Promise<Result<Ordered, SubmitError>> {
  const { console } = ports;
  await of.ledger.catchUp();
  const nowS = nowOf(of);
  const verified = await verifyOrder(console, of, compact);
  if (!verified.ok) return verified;
  const { claims } = verified.value;
  const holds = await console.read((state) => holdsRole(state, claims.iss, claims.role, nowS));
  const denied = orderSignerProblem(claims, MAY[claims.order.kind], { holdsRole: holds }, nowS);
  if (denied !== null) return err(denied);
  const problem = await orderProblem(of, claims);
  if (!problem.ok) return problem;
  if (problem.value !== null) return err(problem.value);
  // Holds, proposals and what was carried out go by the id of the order, whoever gave it.
  if (of.ledger.orders().some((one) => one.claims.jti === claims.jti))
    return err(refusal("token_replayed", "this token id was used before", { jti: claims.jti }));
  const received = await receivedFromPerson(console, of.host, compact);
  if (!received.ok) return received;
  const kept = await put(of, [received.value]);
  if (!kept.ok) return kept;
  const { jti, order } = claims;
  // What is ordered holds from here on, whatever becomes of carrying it out now: that is gone on with (XDA-13).
  if (order.kind === "erase" || order.kind === "end_hold") await tried(() => eraseDue(of, nowS, ports.ids));
  const seq = of.ledger.orders().findLast((one) => one.claims.jti === jti)?.seq ?? 0;
  return ok({
    ...{ domain: of.domain, kind: order.kind, seq, border: of.border.now().name },
    doneSeq: of.ledger.erased().get(jti) ?? null,
  });
}

async function orderProblem(of: DomainHost, claims: DomainOrderClaims): Promise<Result<Refusal | null, SubmitError>> {
  const { order } = claims;
  switch (order.kind) {
    case "border_policy":
      return ok(borderOrderProblem(order, of.border.history()));
    case "confirm":
      return ok(confirmProblem(claims, order, of.border.history()));
    case "erase":
      return eraseOrderProblem(of, order, claims.iat);
    case "legal_hold":
    case "end_hold":
      return ok(await holdOrderProblem(of, order));
    default:
      return assertNever(order, "order");
  }
}

async function verifyOrder(
  console: AskingPorts["console"],
  { domain, host }: DomainHost,
  compact: string,
): Promise<Result<Verified<DomainOrderClaims>, Refusal>> {
  const verified = await verifiedFromPerson(console, host, DOMAIN_ORDER_TYPE, compact);
  return verified.ok && verified.value.claims.domain !== domain
    ? err(refusal("token_audience_mismatch", "it is about another domain", { claim: "domain" }))
    : verified;
}
