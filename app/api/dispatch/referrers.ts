import { fromBase64url, fromUtf8 } from "../../base/bytes.ts";
import type { Json } from "../../base/json.ts";
import type { Host } from "../../host/open-host.ts";
import type { LedgerEntry } from "../../protocol/audit/claims.ts";
import { parseStrictJson } from "../../protocol/jcs/strict-json.ts";
import { MAX_LINKS, referencesOf } from "./links.ts";
import { storedEntry } from "./open-token.ts";

/** Entries that are read through for what refers to a token, at most. */
const MAX_READ = 20_000;

/** An entry that names a token, and as what. */
export interface Referrer {
  readonly seq: number;
  readonly rel: string;
}

export interface Referrers {
  readonly found: readonly Referrer[];
  /** Whether the log was read to its end, and nothing was left out. */
  readonly isAll: boolean;
}

/**
 * What in the log refers to a token: the entries about its task, wherever they are, and of those that come after `from`
 * every one that names it. Read from the stored tokens, so that no kind of reference is forgotten.
 */
export async function referrersOf(host: Host, jti: string, own: number | null): Promise<Referrers> {
  const { index, engine, ports } = host;
  const size = await engine.read((_state, head) => head.size);
  const from = (own ?? index.seqOf(jti) ?? -1) + 1;
  const to = Math.min(size, from + MAX_READ);
  const found = new Map<number, Referrer>();
  const look = (entry: LedgerEntry | null): void => {
    const rel = entry === null || entry.seq === own ? null : namedAs(entry.token, jti);
    if (entry !== null && rel !== null) found.set(entry.seq, { seq: entry.seq, rel });
  };
  for (const seq of index.about(jti)) if (seq < from) look(await storedEntry(host, seq));
  for await (const chunk of ports.storage.log.read(engine.ids.domain, from, to)) {
    for (const entry of chunk) if (entry.seq >= from && entry.seq < to && found.size < MAX_LINKS) look(entry);
    if (found.size >= MAX_LINKS) break;
  }
  const ordered = [...found.values()].sort((a, b) => a.seq - b.seq);
  return { found: ordered, isAll: to === size && found.size < MAX_LINKS };
}

/** As what a token's claims name another, or null. Most tokens do not hold its id at all. */
function namedAs(token: string, jti: string): string | null {
  const bytes = fromBase64url(token.split(".")[1] ?? "");
  const text = bytes === null ? null : fromUtf8(bytes);
  if (text === null || !text.ok || !text.value.includes(jti)) return null;
  const claims = parseStrictJson(text.value);
  if (!claims.ok || !isObject(claims.value)) return null;
  return referencesOf(claims.value).find((reference) => reference.jti === jti)?.rel ?? null;
}

const isObject = (value: Json): value is Readonly<Record<string, Json>> =>
  value !== null && typeof value === "object" && !Array.isArray(value);
