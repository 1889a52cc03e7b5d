import { err, ok, type Result } from "../../base/result.ts";
import type { Engine, Received, SubmitError } from "../../engine/engine.ts";
import { isHuman } from "../../engine/identity/human.ts";
import { parseCompact, peekTyp } from "../../protocol/jose/compact.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";
import type { TokenType } from "../../protocol/jose/token-type.ts";
import { type Verified, verifyToken } from "../../protocol/jose/verify-token.ts";
import { tokenTypeOf } from "../../protocol/token-types.ts";
import type { RecordSeat } from "./trail-seat.ts";

/**
 * Common token verification with the keys of the console's people, who are the operators of all its domains [ours]. Whether it
 * was used before is for the log that takes it: that has all of them, and decides about them in order.
 */
export async function verifiedFromPerson<C>(
  console: Pick<Engine, "read" | "keyOf">,
  { engine, ports }: RecordSeat["host"],
  type: TokenType<C>,
  compact: string,
  ownIds: readonly string[] = [engine.ids.pepId],
): Promise<Result<Verified<C>, Refusal>> {
  const parsed = parseCompact(compact);
  if (!parsed.ok) return parsed;
  const kid = parsed.value.header.kid ?? "";
  const isPerson = await console.read((state) => {
    const key = state.keys.get(kid);
    return key !== undefined && key.use === "all" && isHuman(key.subject);
  });
  const key = isPerson ? await console.keyOf(kid) : undefined;
  return verifyToken(type, compact, {
    nowS: Math.floor(ports.clock.nowMs() / 1000),
    ownIds,
    resolveKey: () => key,
    seen: () => false,
    algorithms: ["ES256", "EdDSA"],
    sha256: ports.sha256,
  });
}

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
  const type = tokenTypeOf(peekTyp(compact) ?? "");
  if (type === undefined) return err(refusal("token_wrong_type", "no token of a type this log takes"));
  const { engine, ports } = host;
  const verified = await verifiedFromPerson(console, host, type, compact, [engine.ids.pepId, engine.ids.logId]);
  if (!verified.ok) return verified;
  const { kid } = verified.value.key;
  const isKnown = await engine.read((state) => state.keys.has(kid));
  const key = isKnown ? undefined : await console.read((state) => state.keys.get(kid));
  if (key !== undefined) {
    const { subject, name, jwk, exp } = key;
    const lifetimeS = exp - Math.floor(ports.clock.nowMs() / 1000);
    const done = await engine.submit({ kind: "enrol", subject, name, jwk, kid, lifetimeS, use: "query" });
    if (!done.ok) return done;
  }
  const received = await engine.receive(compact);
  return received.ok ? ok(received.value) : received;
}
