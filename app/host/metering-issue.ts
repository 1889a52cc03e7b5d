import type { Clock, Ids, Sha256 } from "../base/ports.ts";
import type { Result } from "../base/result.ts";
import type { Command } from "../engine/command.ts";
import type { Engine, SubmitError } from "../engine/engine.ts";
import { meterIdOf } from "../protocol/audit/accounting/ids.ts";
import {
  FIRST_PREV,
  USAGE_RECORD_LIFETIME_S,
  type UsageRecordClaims,
} from "../protocol/audit/accounting/usage-record.ts";
import type { Refusal } from "../protocol/jose/refusal.ts";
import { signToken, tokenDigest } from "../protocol/jose/sign-token.ts";
import type { HostKey } from "./host-keys.ts";
import type { Issue } from "./metering-due.ts";

/** A record that the log did not take, for a reason of its own: it will not take it the next time either. */
export interface SetAside {
  readonly wid: string;
  readonly task: string;
  /** The order of finance that it would have followed, of a correction. */
  readonly order: string | null;
  readonly code: string;
  readonly detail: string;
}

/** What became of a record: `again` where one before it in its chain was not taken, so that its place is another one now. */
export type Issued = { readonly is: "taken" | "again" } | { readonly is: "aside"; readonly why: SetAside };

export interface IssuePorts {
  readonly engine: Pick<Engine, "read" | "submit" | "receive" | "ids">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly sha256: Sha256;
  /** The key of a metering point, enrolled before anything is signed with it. */
  enrolled(mpId: string): Promise<HostKey>;
}

/**
 * What is wrong with this one record, whatever else is metered. Anything else is a trouble of the metering point, its key or
 * the log: then nothing is set aside, and all of it is tried again.
 */
const OF_THE_RECORD: ReadonlySet<string> = new Set([
  "token_claim_invalid",
  "token_too_large",
  "usage_unit",
  "usage_unattributed",
  "usage_overlap",
  "usage_correction_unordered",
  "usage_correction_differs",
]);

interface Signed {
  readonly at: number;
  readonly chain: string;
  readonly command: Command;
}

/**
 * Signs records in the order of their chains and gives them to the log together: one write for all of them (XDA-52). Throws
 * where it is not a record that is at fault.
 */
export async function issueRecords(ports: IssuePorts, uses: readonly Issue[]): Promise<Issued[]> {
  const { engine } = ports;
  const issued: Issued[] = uses.map(() => ({ is: "again" }));
  const aside = (at: number, { code, detail }: SubmitError): void => {
    const use = uses[at];
    if (use === undefined || !OF_THE_RECORD.has(code)) throw new Error(detail);
    const { wid, task } = use.use;
    issued[at] = { is: "aside", why: { wid, task, order: use.correction?.ordered_by ?? null, code, detail } };
  };
  const signed: Signed[] = [];
  const chains = new Map<string, { seq: number; prev: string }>();
  for (const [at, use] of uses.entries()) {
    const made = await signedRecord(ports, use, chains);
    if (made.ok) signed.push({ at, ...made.value });
    else aside(at, made.error);
  }
  const answers = await Promise.all(signed.map(async ({ command }) => engine.submit(command)));
  const broken = new Set<string>();
  for (const [n, answer] of answers.entries()) {
    const one = signed[n];
    // What came after a record that was not taken names one that is not there.
    if (one === undefined || broken.has(one.chain)) continue;
    if (answer.ok) issued[one.at] = { is: "taken" };
    else {
      broken.add(one.chain);
      aside(one.at, answer.error);
    }
  }
  return issued;
}

/** A record at the next place of its chain, which only moves on with one that is well formed. */
async function signedRecord(
  ports: IssuePorts,
  { use, mpId, correction, task }: Issue,
  chains: Map<string, { seq: number; prev: string }>,
): Promise<Result<Omit<Signed, "at">, Refusal>> {
  const { engine, clock, sha256 } = ports;
  const { domain, logId } = engine.ids;
  const key = await ports.enrolled(mpId);
  const iss = meterIdOf(domain, mpId);
  const { seq, prev } =
    chains.get(iss) ??
    (await engine.read((state) => ({ ...(state.accounting.chains.get(iss) ?? { seq: 0, prev: FIRST_PREV }) })));
  const iat = Math.floor(clock.nowMs() / 1000);
  const claims: UsageRecordClaims = {
    iss,
    aud: [logId, `spiffe://${use.payer}/billing`],
    iat,
    exp: iat + USAGE_RECORD_LIFETIME_S,
    jti: ports.ids.uuid(),
    mp_id: mpId,
    ...use,
    ...correction,
    seq,
    prev,
  };
  const compact = await signToken("usage-record+jwt", claims, key.signer);
  const received = await engine.receive(compact);
  if (!received.ok) return received;
  chains.set(iss, { seq: seq + 1, prev: tokenDigest(compact, sha256) });
  const accounting = task === undefined ? {} : { task };
  return { ok: true, value: { chain: iss, command: { kind: "token", ...received.value, accounting } } };
}
