import pLimit, { type LimitFunction } from "p-limit";
import * as z from "zod";
import { toBase64url, utf8 } from "../../base/bytes.ts";
import type { Clock, Sha256 } from "../../base/ports.ts";
import { ok, type Result } from "../../base/result.ts";
import { isHuman } from "../../engine/identity/human.ts";
import type { KeyValueStore, Unavailable } from "../../engine/ports.ts";
import { AUDIT_QUERY_TYPE, type AuditQueryClaims } from "../../protocol/audit/audit-query.ts";
import { questionKey } from "../../protocol/audit/held-question.ts";
import { trustDomainOf } from "../../protocol/audit/trust-domain.ts";
import { parseCompact } from "../../protocol/jose/compact.ts";
import { compactSchema, timeSchema } from "../../protocol/jose/formats.ts";
import { verifyToken } from "../../protocol/jose/verify-token.ts";
import type { AnsweringPorts } from "./answering.ts";
import type { AskedDomain } from "./asking.ts";

/** What a domain said last, by the asker's clock, epoch s. Nothing of an answer is kept but how much it was. */
const replySchema = z.object({
  state: z.enum(["answered", "denied", "held", "silent"]),
  code: z.string().nullable(),
  detail: z.string(),
  entries: z.int(),
  next: z.int().nullable(),
  atS: timeSchema,
});

const rowSchema = z.object({
  domain: z.string(),
  /** The newest `audit-query+jwt` that asked this. */
  token: compactSchema,
  askedS: timeSchema,
  /** Null: it was asked, and nothing came back yet, or what came was lost. */
  reply: replySchema.nullable(),
});
export type AskedRow = z.infer<typeof rowSchema>;

export interface AskedQuestion extends AskedRow {
  readonly query: AuditQueryClaims;
}

export interface AskedBookPorts extends Pick<AnsweringPorts, "console"> {
  readonly values: KeyValueStore;
  readonly clock: Clock;
  readonly sha256: Sha256;
}

/**
 * What this console's people asked other domains, beside the log (XDA-77): durable before anybody is asked, one row for each
 * domain and question, whoever shows it and however often it is asked. Answers are not in it: what a domain may have to
 * erase is kept nowhere else (XDA-13).
 */
export interface AskedBook {
  /** Before it is sent; a question that no key of the console's people signed is not noted, its domains refuse it. */
  asking(compact: string): Promise<Result<void, Unavailable>>;
  /** What cannot be noted now is told by the domain's log when it is looked at. */
  answered(compact: string, replies: readonly AskedDomain[]): Promise<void>;
  /** Newest first. */
  all(): Promise<readonly AskedQuestion[]>;
}

const PREFIX = "asked/";
/** As long as a domain's log may still say something of it: it waits, and a refusal holds [ours]. */
const KEPT_FOR_S = 2 * 86_400;
/** Rows of one asker [ours]. */
const MAX_ROWS = 64;

/** One after the other: of two tabs that ask at once neither is written over. */
const turns = new WeakMap<KeyValueStore, LimitFunction>();

export function createAskedBook({ console, values, clock, sha256 }: AskedBookPorts): AskedBook {
  const limit = turns.get(values) ?? pLimit(1);
  turns.set(values, limit);
  const nowS = (): number => Math.floor(clock.nowMs() / 1000);
  const keyOf = (query: AuditQueryClaims, domain: string): string =>
    `${PREFIX}${domain}/${toBase64url(sha256(utf8(questionKey(query))))}`;

  const rowAt = async (key: string): Promise<AskedRow | null> => {
    const stored = await values.get(key);
    const read = rowSchema.safeParse(stored.ok ? stored.value : null);
    return read.success ? read.data : null;
  };
  const rows = async (): Promise<readonly (AskedQuestion & { readonly key: string })[]> => {
    const keys = await values.keys(PREFIX);
    const found = [];
    for (const key of keys.ok ? keys.value : []) {
      const row = await rowAt(key);
      const query = row === null ? null : queryOf(row.token);
      if (row !== null && query !== null) found.push({ ...row, key, query });
    }
    return found.toSorted((a, b) => b.askedS - a.askedS);
  };
  const letGo = async (asker: string): Promise<void> => {
    const all = await rows();
    const old = all.filter(({ askedS }) => askedS < nowS() - KEPT_FOR_S);
    const many = all.filter(({ query: { iss } }) => iss === asker).slice(MAX_ROWS);
    for (const { key } of new Set([...old, ...many])) await values.delete(key);
  };
  const isOurs = async (compact: string, { aud }: AuditQueryClaims): Promise<boolean> => {
    const parsed = parseCompact(compact);
    const kid = parsed.ok ? (parsed.value.header.kid ?? "") : "";
    const isPerson = await console.read((state) => {
      const key = state.keys.get(kid);
      return key !== undefined && key.use === "all" && isHuman(key.subject);
    });
    const key = isPerson ? await console.keyOf(kid) : undefined;
    const verified = await verifyToken(AUDIT_QUERY_TYPE, compact, {
      ...{ nowS: nowS(), ownIds: aud, resolveKey: () => key, seen: () => false, sha256 },
      algorithms: ["ES256", "EdDSA"],
    });
    return verified.ok;
  };

  return {
    asking: (compact) =>
      limit(async () => {
        const query = queryOf(compact);
        if (query === null || !(await isOurs(compact, query))) return ok(undefined);
        for (const domain of domainsOf(query)) {
          const key = keyOf(query, domain);
          const before = await rowAt(key);
          // The same token again asks nothing: what was said to it stands.
          if (before?.token === compact) continue;
          const row: AskedRow = { domain, token: compact, askedS: nowS(), reply: null };
          const put = await values.put(key, row);
          if (!put.ok) return put;
        }
        await letGo(query.iss);
        return ok(undefined);
      }),
    answered: (compact, replies) =>
      limit(async () => {
        const query = queryOf(compact);
        if (query === null) return;
        for (const { domain, state, code, detail, trail } of replies) {
          const key = keyOf(query, domain);
          const row = await rowAt(key);
          // What was asked since, or asked twice, has an answer of its own.
          if (row?.token !== compact || code === "token_replayed") continue;
          const told = { entries: trail?.entries.length ?? 0, next: trail?.claims.next ?? null };
          const reply = { state, code, detail, ...told, atS: nowS() };
          await values.put(key, { ...row, reply } satisfies AskedRow);
        }
      }),
    all: rows,
  };
}

function queryOf(compact: string): AuditQueryClaims | null {
  const parsed = parseCompact(compact);
  const query = AUDIT_QUERY_TYPE.schema.safeParse(parsed.ok ? parsed.value.payload : null);
  return query.success ? query.data : null;
}

/** As `askDomains` asks them. */
export const domainsOf = ({ aud }: Pick<AuditQueryClaims, "aud">): string[] => [
  ...new Set(aud.map((id) => trustDomainOf(id) ?? id)),
];
