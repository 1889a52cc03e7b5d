import type { Clock } from "../../base/ports.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Engine } from "../../engine/engine.ts";
import { newestKeyOf, RENEW_BEFORE_S } from "../../engine/identity/renew.ts";
import type { Unavailable } from "../../engine/ports.ts";
import { hostIds } from "../../engine/records.ts";
import type { EnrolledKey } from "../../engine/state.ts";
import { IDENTITY_LIFETIME_S } from "../identity-renewal.ts";

/** A domain that others are made known to, and that is made known to them. */
interface Introduced {
  readonly domain: string;
  readonly host: { readonly engine: Engine; readonly ports: { readonly clock: Clock } };
}

/**
 * Each log is given the identities of the other gateways, good at the border and nowhere else: who is not in it is not
 * trusted. They are exchanged inside this console, which is what stands for two operators who meet [ours]. What is in it
 * already is stated again before it ends, as long as its own log stands by it: never for longer than that (XDA-61).
 */
export async function introduce(hosts: readonly Introduced[]): Promise<Result<void, Unavailable>> {
  for (const { host } of hosts) {
    for (const peer of hosts) {
      if (peer.host === host) continue;
      const own = await gatewayKey(peer);
      if (own === null) continue;
      const { kid, jwk, exp } = own;
      const held = await host.engine.read((state) => state.keys.get(kid)?.exp ?? null);
      const nowS = Math.floor(host.ports.clock.nowMs() / 1000);
      if (exp <= nowS || (held !== null && (held - nowS > RENEW_BEFORE_S || held >= exp))) continue;
      const done = await host.engine.submit(
        held === null
          ? {
              ...{ kind: "enrol", subject: hostIds(peer.domain).pepId, name: `Gateway of ${peer.domain}`, jwk, kid },
              lifetimeS: Math.min(IDENTITY_LIFETIME_S, exp - nowS),
              use: "border",
            }
          : { kind: "renew", kid, lifetimeS: exp - nowS },
      );
      if (!done.ok && "retry" in done.error) return err(done.error);
    }
  }
  return ok(undefined);
}

/** The identity that a domain's own log gives its gateway. */
async function gatewayKey({ domain, host }: Introduced): Promise<Pick<EnrolledKey, "kid" | "jwk" | "exp"> | null> {
  const { pepId } = hostIds(domain);
  return host.engine.read((state) => {
    const key = newestKeyOf(state, { subject: pepId, use: "all" });
    return key === undefined ? null : { kid: key.kid, jwk: key.jwk, exp: key.exp };
  });
}
