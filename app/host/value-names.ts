import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { toBase64url, utf8 } from "../base/bytes.ts";
import type { Json } from "../base/json.ts";
import type { Engine } from "../engine/engine.ts";
import type { KeyValueStore } from "../engine/ports.ts";
import { namedValues } from "../protocol/behavior/named-values.ts";

/** Names for the values of a task's arguments, by JSON pointer (BEH-63). */
export type ValueNames = (args: Readonly<Record<string, Json>>) => Readonly<Record<string, string>>;

const NAME_BYTES = 16;
const PLACE = "value-names/";

/**
 * Names that are the same for the same value in one workflow, and tell nothing to whoever lacks the key: an order number can be guessed
 * from a plain digest (ECT-S11, XA-S6). The key is of this workflow, stays with the host and out of the log, and is made with the first use;
 * without it, or without room to keep it, nothing is named.
 */
export async function valueNames(values: KeyValueStore, wid: string): Promise<ValueNames | null> {
  const stored = await values.get(PLACE + wid);
  if (!stored.ok) return null;
  if (typeof stored.value === "string") return namesBy(stored.value, wid);
  const secret = toBase64url(crypto.getRandomValues(new Uint8Array(32)));
  return (await values.put(PLACE + wid, secret)).ok ? namesBy(secret, wid) : null;
}

/** The same for whoever names nothing and only looks: no key is made. */
export async function knownNames(values: KeyValueStore, wid: string): Promise<ValueNames | null> {
  const stored = await values.get(PLACE + wid);
  return stored.ok && typeof stored.value === "string" ? namesBy(stored.value, wid) : null;
}

const namesBy =
  (secret: string, wid: string): ValueNames =>
  (args) =>
    Object.fromEntries(
      namedValues(args).map(([pointer, text]) => {
        const mac = hmac(sha256, utf8(secret), utf8(JSON.stringify([wid, text])));
        return [pointer, toBase64url(mac.slice(0, NAME_BYTES))];
      }),
    );

/** Ends the keys of workflows that are over: nothing more of them is named, and what is named already can be guessed by nobody then. */
export async function forgetNames(values: KeyValueStore, engine: Pick<Engine, "read">): Promise<void> {
  const kept = await values.keys(PLACE);
  if (!kept.ok) return;
  // Read after them: a key is made for a workflow that has begun.
  const over = await engine.read((state) =>
    kept.value.filter((place) => (state.workflows.get(place.slice(PLACE.length))?.status ?? "finished") === "finished"),
  );
  for (const place of over) await values.delete(place);
}
