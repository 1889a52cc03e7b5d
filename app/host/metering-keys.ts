import type { Engine } from "../engine/engine.ts";
import type { KeyValueStore } from "../engine/ports.ts";
import { meterIdOf } from "../protocol/audit/accounting/ids.ts";
import { type HostKey, keyFor } from "./host-keys.ts";
import { OWN_METER } from "./own-meter.ts";

const KEY_LIFETIME_S = 31_000_000;

/** The key of a domain's metering point, enrolled before anything is signed with it; made once, whoever asks at the same time. */
export function createMeterKeys({
  engine,
  values,
}: {
  readonly engine: Pick<Engine, "read" | "submit" | "ids">;
  readonly values: KeyValueStore;
}): (mpId: string) => Promise<HostKey> {
  const keys = new Map<string, Promise<HostKey>>();
  const enrol = async (mpId: string): Promise<HostKey> => {
    const key = await keyFor(values, `signer/meter/${mpId}`);
    if (!key.ok) throw new Error(key.error.detail);
    const { kid } = key.value.signer;
    if (await engine.read((state) => state.keys.has(kid))) return key.value;
    const name = mpId === OWN_METER ? "Metering point of this gateway" : `Metering point of this gateway, ${mpId}`;
    const command = {
      kind: "enrol",
      subject: meterIdOf(engine.ids.domain, mpId),
      name,
      jwk: key.value.jwk,
      kid,
    } as const;
    const done = await engine.submit({ ...command, lifetimeS: KEY_LIFETIME_S });
    if (!done.ok && done.error.code !== "key_enrolled") throw new Error(done.error.detail);
    return key.value;
  };
  return (mpId) => {
    const known = keys.get(mpId) ?? enrol(mpId);
    keys.set(mpId, known);
    // What failed is tried again by the next one who asks.
    known.catch(() => keys.delete(mpId));
    return known;
  };
}
