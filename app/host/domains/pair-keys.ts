import { fromBase64url, toBase64url } from "../../base/bytes.ts";
import { ok, type Result } from "../../base/result.ts";
import type { KeyValueStore, Unavailable } from "../../engine/ports.ts";
import type { HandoffClaims } from "../../protocol/audit/handoff-claims.ts";
import { type HandedName, importPairKey, pairKeyId, pairwiseName } from "../../protocol/audit/pseudonym.ts";

/** A key of two gateways, with its id as handoffs name it. */
export interface PairKey {
  readonly key: CryptoKey;
  readonly kid: string;
}

/** The keys that two gateways share, and what tasks are called by them. */
export interface PairKeys {
  /** Made with the first crossing of the two. */
  of(a: string, b: string): Promise<Result<PairKey, Unavailable>>;
  /** What a task is called across the border of this handoff; null where its key is not here, which makes none (XDA-60). */
  nameAcross(
    handoff: Pick<HandoffClaims, "from" | "to" | "named_by">,
    task: { readonly jti: string; readonly digest: string },
  ): Promise<HandedName | null>;
}

export function createPairKeys(values: KeyValueStore): PairKeys {
  const held = new Map<string, PairKey>();
  const names = new Map<string, HandedName>();

  const read = async (pair: readonly [string, string]): Promise<Result<PairKey | null, Unavailable>> => {
    const name = pair.toSorted().join(" ");
    const known = held.get(name);
    if (known !== undefined) return ok(known);
    const stored = await values.get(`domains/pair/${name}`);
    if (!stored.ok) return stored;
    const bytes = typeof stored.value === "string" ? fromBase64url(stored.value) : null;
    return ok(bytes === null ? null : await hold(pair, bytes));
  };
  const hold = async (pair: readonly [string, string], bytes: Uint8Array<ArrayBuffer>): Promise<PairKey> => {
    const key = await importPairKey(bytes);
    const made = { key, kid: await pairKeyId(key, pair) };
    held.set(pair.toSorted().join(" "), made);
    return made;
  };

  return {
    of: async (a, b) => {
      const known = await read([a, b]);
      if (!known.ok) return known;
      if (known.value !== null) return ok(known.value);
      const bytes = crypto.getRandomValues(new Uint8Array(32));
      const put = await values.put(`domains/pair/${[a, b].toSorted().join(" ")}`, toBase64url(bytes));
      return put.ok ? ok(await hold([a, b], bytes)) : put;
    },
    nameAcross: async ({ from, to, named_by }, { jti, digest }) => {
      const pair = await read([from, to]);
      if (!pair.ok || pair.value === null || pair.value.kid !== named_by?.kid) return null;
      const id = `${pair.value.kid} ${jti} ${digest}`;
      const name = names.get(id) ?? (await pairwiseName(pair.value.key, [from, to], { jti, hash: digest }));
      names.set(id, name);
      return name;
    },
  };
}
