import { ok, type Result } from "../../base/result.ts";
import type { Engine, Received, SubmitError } from "../../engine/engine.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import type { RecordSeat } from "./trail-seat.ts";

/**
 * A person's token about a question, as the domain's own log verifies it. Their key is in that log from then on, good for
 * such tokens and nothing else: the console knows its people, and whoever reads the domain's log alone can check them too
 * [ours].
 */
export async function receivedFromPerson(
  console: Pick<Engine, "read">,
  host: RecordSeat["host"],
  compact: string,
): Promise<Result<Received, SubmitError>> {
  const parsed = parseCompact(compact);
  if (!parsed.ok) return parsed;
  const kid = parsed.value.header.kid ?? "";
  const key = await console.read((state) => state.keys.get(kid));
  const isKnown = await host.engine.read((state) => state.keys.has(kid));
  if (key !== undefined && !isKnown) {
    const { subject, name, jwk, exp } = key;
    const lifetimeS = Math.max(1, exp - Math.floor(host.ports.clock.nowMs() / 1000));
    const use = "query" as const;
    const done = await host.engine.submit({ kind: "enrol", subject, name, jwk, kid, lifetimeS, use });
    if (!done.ok) return done;
  }
  const received = await host.engine.receive(compact);
  return received.ok ? ok(received.value) : received;
}
