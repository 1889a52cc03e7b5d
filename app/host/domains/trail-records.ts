import { v5 as uuidV5 } from "uuid";
import { ok, type Result } from "../../base/result.ts";
import { AUDIT_EXT } from "../../engine/audit/statement.ts";
import type { Engine, SubmitError } from "../../engine/engine.ts";
import { factOfEntry } from "../../engine/fact.ts";
import type { Storage } from "../../engine/ports.ts";
import type { HeldEct } from "../../engine/state.ts";
import type { RunPlan } from "../../engine/workflow/plan.ts";
import type { AuditTokenClaims } from "../../protocol/audit/audit-token.ts";
import { ECT_EXT } from "../../protocol/ect/claims.ts";
import type { Refusal } from "../../protocol/jose/refusal.ts";
import { auditClaims, borderJti, ownAudit, put } from "./crossing.ts";
import type { DomainHost } from "./domain-hosts.ts";
import { plannedKey, type RunDomains } from "./run-domains.ts";
import type { TrailWork } from "./trail-work.ts";
import { inTurn } from "./turns.ts";

/** A workflow whose trail is kept in several domains. */
export interface Trail {
  readonly wid: string;
  readonly plan: RunPlan;
  readonly domains: RunDomains;
  readonly jtis: readonly string[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** What came of crossings, by `plannedKey`. */
  readonly verdicts: Map<string, Verdict>;
  readonly work: TrailWork;
  /** Domains whose newest entries no signed head covers yet. */
  readonly unproved: Set<string>;
}

export interface Verdict {
  readonly stitchId: string;
  /** Null where the receiver let it in. */
  readonly refusal: Refusal | null;
}

/** An attempt that was refused. */
export interface Denied {
  readonly agent: string;
  readonly code: string;
}

/** The records of a workflow's tasks, each in the log of its agent's domain. */
export function createTrailRecords({
  engine,
  storage,
}: {
  readonly engine: Pick<Engine, "ids">;
  readonly storage: Pick<Storage, "log">;
}) {
  const keepDone = async (
    trail: Trail,
    index: number,
    host: DomainHost,
    ect: HeldEct,
  ): Promise<Result<void, SubmitError>> => {
    const jti = trail.jtis[index] ?? "";
    const outcome = ect.ext[ECT_EXT.outcome] === "failure" ? "failure" : "success";
    return keepAudit(trail, index, host, {
      jti,
      exec_act: trail.plan.tasks[index]?.action ?? ect.execAct,
      outcome,
      actor: { sub: ect.iss },
      // Not wrapped: its predecessors are those of the console's log, with ids of other domains among them (XDA-4).
      evidence: [{ typ: "exec+jwt", id: jti, hash: ect.digest }],
      ...(await hashesOf(ect.seq)),
    });
  };

  /** What a task took in and gave out, as its token in the console's log says it. */
  const hashesOf = async (seq: number): Promise<Pick<AuditTokenClaims, "inp_hash" | "out_hash">> => {
    for await (const [entry] of storage.log.read(engine.ids.domain, seq, seq + 1)) {
      const fact = entry === undefined ? null : factOfEntry(entry);
      if (fact?.ok !== true || fact.value.typ !== "exec+jwt") continue;
      const { inp_hash, out_hash } = fact.value.claims;
      return { ...(inp_hash === undefined ? {} : { inp_hash }), ...(out_hash === undefined ? {} : { out_hash }) };
    }
    return {};
  };

  /** XA-16: what was refused is recorded like what was done, as an attempt of its own: it may be asked for again. */
  const keepDenied = async (
    trail: Trail,
    index: number,
    host: DomainHost,
    { agent, code }: Denied,
  ): Promise<Result<void, SubmitError>> => {
    const task = trail.jtis[index] ?? "";
    const jti = uuidV5(`denied ${code}`, task);
    if (host.ledger.audit(trail.wid, jti) !== undefined) return ok(undefined);
    return keepAudit(trail, index, host, {
      jti,
      exec_act: trail.plan.tasks[index]?.action ?? "",
      outcome: "denied",
      actor: { sub: agent },
      severity: "warning",
      ect_ext: { [AUDIT_EXT.task]: task, [AUDIT_EXT.code]: code },
    });
  };

  type About = Pick<AuditTokenClaims, "jti" | "exec_act" | "outcome"> & Partial<AuditTokenClaims>;

  // In turn with orders about the domain: what one was shown is what it finds, and what a record is under is in force (XDA-76).
  const keepAudit = (trail: Trail, index: number, host: DomainHost, about: About): Promise<Result<void, SubmitError>> =>
    inTurn(host, () => auditKept(trail, index, host, about));

  const auditKept = async (
    { wid, domains, jtis, verdicts, unproved }: Trail,
    index: number,
    host: DomainHost,
    about: About,
  ): Promise<Result<void, SubmitError>> => {
    await host.ledger.catchUp();
    unproved.add(host.domain);
    if (host.ledger.audit(wid, about.jti) !== undefined) return ok(undefined);
    const before = [
      ...(domains.local[index] ?? []).map((at) => jtis[at] ?? ""),
      ...(domains.crossings[index] ?? []).flatMap((crossing) => {
        const verdict = verdicts.get(plannedKey(crossing));
        return verdict === undefined ? [] : [borderJti(verdict.stitchId, "in")];
      }),
    ].filter((jti) => host.ledger.audit(wid, jti) !== undefined);
    const audit = await ownAudit(
      host,
      auditClaims(host, host.host.ports.clock, { wid, pred: before.slice(0, 100), ...about }),
    );
    return audit.ok ? put(host, [audit.value]) : audit;
  };

  return { keepDone, keepDenied };
}
