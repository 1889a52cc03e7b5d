import { ok, type Result } from "../../base/result.ts";
import type { Engine, SubmitError } from "../../engine/engine.ts";
import type { SettlementStep } from "../../protocol/audit/accounting/settlement-state.ts";
import type { DomainHost } from "./domain-hosts.ts";
import { receivedFromPerson } from "./introduced.ts";
import { tried } from "./tried.ts";

/** A message that the log of the other side did not take, and why. */
export interface Undelivered {
  readonly jti: string;
  readonly code: string;
  readonly detail: string;
  /** It may be taken when it is brought again. */
  readonly retry: boolean;
}

/**
 * Brings what one domain of the console said of settlements with another one into that one's log, in the order in which it was
 * said: nobody carries files between two domains that are opened here (XDA-82). What is there already is left alone; the first that
 * is not taken ends it, since what follows answers it.
 */
export async function bringMessages(
  console: Pick<Engine, "read" | "keyOf">,
  from: DomainHost,
  to: DomainHost,
): Promise<readonly Undelivered[]> {
  const said = await from.host.engine.read(({ accounting }) =>
    [...accounting.settlements.values()].filter(
      ({ payee, payer }) =>
        (payee === from.domain && payer === to.domain) || (payer === from.domain && payee === to.domain),
    ),
  );
  if (said.length === 0) return [];
  const known = await to.host.engine.read(
    ({ accounting }) =>
      new Set([...accounting.settlements.values()].flatMap(({ steps }) => steps.map(({ jti }) => jti))),
  );
  const undelivered: Undelivered[] = [];
  for (const { steps } of said)
    for (const step of steps) {
      if (known.has(step.jti)) continue;
      const taken = await tried(() => bring(console, from, to, step));
      if (taken.ok) continue;
      const { code, detail } = taken.error;
      undelivered.push({ jti: step.jti, code, detail, retry: "retry" in taken.error });
      break;
    }
  return undelivered;
}

async function bring(
  console: Pick<Engine, "read" | "keyOf">,
  from: DomainHost,
  to: DomainHost,
  { seq }: SettlementStep,
): Promise<Result<unknown, SubmitError>> {
  for await (const [entry] of from.host.ports.storage.log.read(from.domain, seq, seq + 1)) {
    if (entry === undefined) continue;
    const received = await receivedFromPerson(console, to.host, entry.token);
    if (!received.ok) return received;
    return to.host.engine.submit({ kind: "token", ...received.value });
  }
  return ok(undefined);
}
