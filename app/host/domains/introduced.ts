import { err, ok, type Result } from "../../base/result.ts";
import type { Engine, Received, SubmitError } from "../../engine/engine.ts";
import { isHuman } from "../../engine/identity/human.ts";
import { parseCompact, peekTyp } from "../../protocol/jose/compact.ts";
import { refusal } from "../../protocol/jose/refusal.ts";
import { verifyToken } from "../../protocol/jose/verify-token.ts";
import { tokenTypeOf } from "../../protocol/token-types.ts";
import type { RecordSeat } from "./trail-seat.ts";

/**
 * A person's token about a question, as the domain's own log verifies it. Their key is in that log from then on, good for
 * such tokens and nothing else: the console knows its people, and whoever reads the domain's log alone can check them too
 * [ours]. Only a person's own key is taken in, and only once the console has found that it signed this and is in force.
 */
export async function receivedFromPerson(
  console: Pick<Engine, "read" | "keyOf">,
  host: RecordSeat["host"],
  compact: string,
): Promise<Result<Received, SubmitError>> {
  const parsed = parseCompact(compact);
  if (!parsed.ok) return parsed;
  const type = tokenTypeOf(peekTyp(compact) ?? "");
  if (type === undefined) return err(refusal("token_wrong_type", "no token of a type this log takes"));
  const { engine, ports } = host;
  const nowS = Math.floor(ports.clock.nowMs() / 1000);
  const kid = parsed.value.header.kid ?? "";
  const known = await console.read((state) => state.keys.get(kid));
  const key = known !== undefined && known.use === "all" && isHuman(known.subject) ? known : undefined;
  const trusted = key === undefined ? undefined : await console.keyOf(kid);
  const verified = await verifyToken(type, compact, {
    nowS,
    ownIds: [engine.ids.pepId, engine.ids.logId],
    resolveKey: () => trusted,
    seen: () => false,
    algorithms: ["ES256", "EdDSA"],
    sha256: ports.sha256,
  });
  if (!verified.ok) return verified;
  const isKnown = await engine.read((state) => state.keys.has(kid));
  if (key !== undefined && !isKnown) {
    const { subject, name, jwk, exp } = key;
    const use = "query" as const;
    const done = await engine.submit({ kind: "enrol", subject, name, jwk, kid, lifetimeS: exp - nowS, use });
    if (!done.ok) return done;
  }
  const received = await engine.receive(compact);
  return received.ok ? ok(received.value) : received;
}
