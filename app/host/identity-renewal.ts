import type { Clock } from "../base/ports.ts";
import { ok, type Result } from "../base/result.ts";
import type { Engine } from "../engine/engine.ts";
import { isRenewable, newestKeyOf, RENEW_BEFORE_S } from "../engine/identity/renew.ts";
import type { KeyValueStore, Unavailable } from "../engine/ports.ts";
import { generateSigner } from "../protocol/jose/keys.ts";

/** How long the identities of a host's own parts are in force, seconds: just below a year. */
export const IDENTITY_LIFETIME_S = 31_000_000;

/** Looked at this often while the host is open, ms. */
export const RENEWAL_EVERY_MS = 86_400_000;

/** States the identities of the host's own parts again where they end soon (XDA-61). What could not be is due the next time. */
export async function renewOwn(engine: Pick<Engine, "ids" | "read" | "submit">, clock: Clock): Promise<void> {
  const soonS = Math.floor(clock.nowMs() / 1000) + RENEW_BEFORE_S;
  const due = await engine.read((state) =>
    [...state.keys.values()]
      .filter((key) => key.use === "all" && key.exp <= soonS && isRenewable(key, engine.ids))
      .filter((key) => newestKeyOf(state, key) === key)
      .map(({ kid }) => kid),
  );
  for (const kid of due) await engine.submit({ kind: "renew", kid, lifetimeS: IDENTITY_LIFETIME_S });
}

/**
 * Puts a new key in the place of a gateway's that ends soon or has ended (XDA-61): stored before anything is signed with it,
 * and enrolled like the first one by whoever opens the log with it. True where there is one now. Not for a host with agents:
 * those that run know its gateway by its key. `kid` is that of the key as it is stored.
 */
export async function replacedKey(
  engine: Pick<Engine, "ids" | "read">,
  clock: Clock,
  values: KeyValueStore,
  kid: string,
): Promise<Result<boolean, Unavailable>> {
  const soonS = Math.floor(clock.nowMs() / 1000) + RENEW_BEFORE_S;
  const newest = await engine.read((state) => newestKeyOf(state, { subject: engine.ids.pepId, use: "all" }));
  // Another one than is stored: that has been put in its place before, and waits to be enrolled.
  if (newest?.kid !== kid || newest.exp > soonS) return ok(false);
  const put = await values.put("signer/pep", await generateSigner());
  return put.ok ? ok(true) : put;
}

/** Does it again and again until it is closed; what breaks off is tried again the next time. */
export function everyDay(clock: Clock, renew: () => Promise<void>): () => void {
  let cancel = (): void => undefined;
  let closed = false;
  const wait = (): void => {
    if (closed) return;
    cancel = clock.after(RENEWAL_EVERY_MS, () => void renew().then(wait, wait));
  };
  wait();
  return () => {
    closed = true;
    cancel();
  };
}
