import { v5 as uuidV5 } from "uuid";
import type { Json } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import { type LogExport, logExportSchema } from "../../protocol/audit/claims.ts";
import { ECT_EXT, type EctClaims, recordClaimsSchema } from "../../protocol/ect/claims.ts";
import { ECT_TYPE, LEGACY_ECT_TYPE } from "../../protocol/ect/ect-token.ts";
import { witClaimsSchema } from "../../protocol/identity/claims.ts";
import { normalTyp, parseCompact } from "../../protocol/jose/compact.ts";
import { type RecordedRun, type RunBlame, type RunTask, recordedRunSchema } from "../../protocol/run/recorded-run.ts";
import { isObject, keptAttributes } from "./bounded-json.ts";
import {
  type FormatContext,
  type FormatProblem,
  malformed,
  type RunFormatReader,
  readOneDocument,
} from "./run-format-reader.ts";
import { AgentTable, actionOf, blankTask, cut, Warnings } from "./text.ts";

/**
 * Our own log export (XA-19): the run is what its execution context tokens say, `pred` being the edges. Tokens are read,
 * not verified: that is `verify-log`'s work. A recorded run among the export's objects gives its tasks their names.
 */
export const SIGNALBOX_LOG: RunFormatReader = {
  title: "Signalbox log export",
  detect: (document) => isObject(document) && "signalbox_log" in document,
  open: readOneDocument(parse),
};

interface Ect {
  readonly claims: EctClaims;
  readonly seq: number;
  readonly receivedAtS: number;
  readonly submitter: string;
}

interface Told {
  readonly ects: Map<string, Ect>;
  /** `run_start` tokens: the operator's, not work of an agent. */
  readonly starts: Ect[];
  /** When the effect of a task began, epoch seconds. */
  readonly startedS: Map<string, number>;
  /** Names the log bound to subjects. */
  readonly names: Map<string, string>;
  readonly types: Map<string, number>;
}

function parse(document: Json, { file, maxTasks }: FormatContext): Result<RecordedRun, FormatProblem> {
  const parsed = logExportSchema.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return malformed(`$.${issue?.path.join(".") ?? ""}`, issue?.message ?? "a log export", "this is no log export");
  }
  if (parsed.data.entries.length > maxTasks * 20)
    return malformed("$.entries", `at most ${maxTasks * 20} entries`, `there are ${parsed.data.entries.length}`);
  const told = readEntries(parsed.data);
  return told.ok ? runOf(parsed.data, told.value, file) : told;
}

function readEntries(log: LogExport): Result<Told, FormatProblem> {
  const told: Told = { ects: new Map(), starts: [], startedS: new Map(), names: new Map(), types: new Map() };
  for (const [index, entry] of log.entries.entries()) {
    const place = `$.entries.${index}.token`;
    const token = parseCompact(entry.token);
    if (!token.ok) return malformed(place, "a compact JWS", token.error.detail);
    const typ = normalTyp(token.value.header.typ ?? "");
    told.types.set(typ, (told.types.get(typ) ?? 0) + 1);
    const { payload } = token.value;
    const type = [ECT_TYPE, LEGACY_ECT_TYPE].find((candidate) => candidate.typ.includes(typ));
    if (type !== undefined) {
      const claims = type.schema.safeParse(payload);
      if (!claims.success)
        return malformed(
          `${place}.${claims.error.issues[0]?.path.join(".") ?? ""}`,
          "the claims of an ECT",
          "they are not",
        );
      const ect = { claims: claims.data, seq: entry.seq, receivedAtS: entry.received_at, submitter: entry.submitter };
      if (claims.data.exec_act === "run_start") told.starts.push(ect);
      else if (told.ects.has(claims.data.jti)) return malformed(place, "tasks that have one ECT", "this one has two");
      else told.ects.set(claims.data.jti, ect);
    } else if (typ === "record+jwt") {
      const record = recordClaimsSchema.safeParse(payload);
      const task = record.success && record.data.kind === "effect_started" ? record.data.data.task : undefined;
      if (record.success && typeof task === "string") told.startedS.set(task, record.data.iat);
    } else if (typ === "wit+jwt") {
      const wit = witClaimsSchema.safeParse(payload);
      if (wit.success && wit.data.name !== undefined) told.names.set(wit.data.sub, wit.data.name);
    }
  }
  return ok(told);
}

function runOf(log: LogExport, told: Told, file: string): Result<RecordedRun, FormatProblem> {
  const ects = [...told.ects.values()];
  if (ects.length === 0) return malformed("$.entries", "at least one execution context token", "the log has none");
  const warnings = new Warnings();
  const agents = new AgentTable();
  const { recorded, runName, noted } = recordedTasks(log, told, warnings);
  const originS = [...ects, ...told.starts].reduce(
    (first, ect) => Math.min(first, told.startedS.get(ect.claims.jti) ?? ect.receivedAtS),
    Number.MAX_SAFE_INTEGER,
  );
  const lastS = ects.reduce((last, ect) => Math.max(last, ect.receivedAtS), originS);
  const starts = new Set(told.starts.map((start) => start.claims.jti));
  const tasks = ects.map((ect) => taskOf(ect, { told, recorded, starts, agents, warnings, originS }));
  const known = new Set(agents.list().map((agent) => agent.id));
  const blame = noted
    .slice(0, 256)
    .map((one) => ({ ...one, agent: one.agent !== null && known.has(one.agent) ? one.agent : null }));
  warnings.add("not_verified", "tokens are read here and not verified: verify-log does that", null, told.ects.size);
  return ok({
    version: 1,
    format: "signalbox-log",
    formatVersion: String(log.signalbox_log),
    name: cut(runName ?? log.manifest.domain, 256) || cut(file, 256) || "log",
    source: { file, origin: null },
    callers: "edges",
    schedule: "recorded",
    observedOnly: true,
    startedAtMs: originS * 1000,
    makespanMs: (lastS - originS) * 1000,
    agents: agents.list(),
    tasks,
    ...(blame.length === 0 ? {} : { blame }),
    counts: {
      entries: log.entries.length,
      ects: told.ects.size + told.starts.length,
      run_starts: told.starts.length,
      joins: ects.filter((ect) => ect.claims.exec_act === "join").length,
      workflows: new Set([...ects, ...told.starts].map((ect) => ect.claims.wid ?? "")).size,
      ...Object.fromEntries([...told.types].map(([typ, count]) => [`tokens.${typ || "none"}`, count])),
    },
    warnings: warnings.list(),
  });
}

/** Tasks of the recorded runs in the export by the jti they have in a workflow: UUIDv5 of the id in the wid. */
function recordedTasks(
  log: LogExport,
  told: Told,
  warnings: Warnings,
): {
  readonly recorded: ReadonlyMap<string, RunTask>;
  readonly runName: string | null;
  /** What the recordings note about their steps. */
  readonly noted: readonly RunBlame[];
} {
  const recorded = new Map<string, RunTask>();
  const noted: RunBlame[] = [];
  let runName: string | null = null;
  for (const { claims } of told.starts) {
    const hash = claims.ect_ext?.obj_hash;
    const object = typeof hash === "string" && Object.hasOwn(log.objects, hash) ? log.objects[hash] : undefined;
    const run = recordedRunSchema.safeParse(object);
    if (!run.success || claims.wid === undefined) {
      warnings.add("run_not_included", "workflows whose recorded run the export does not hold", claims.wid ?? null);
      continue;
    }
    runName ??= run.data.name;
    for (const task of run.data.tasks) recorded.set(uuidV5(task.id, claims.wid), task);
    for (const one of run.data.blame ?? []) {
      const jti = one.task === null ? "" : uuidV5(one.task, claims.wid);
      noted.push({ ...one, task: told.ects.has(jti) ? jti : null });
    }
  }
  return { recorded, runName, noted };
}

interface TaskContext {
  readonly told: Told;
  readonly recorded: ReadonlyMap<string, RunTask>;
  /** A `run_start` may be named as a predecessor; it is no task. */
  readonly starts: ReadonlySet<string>;
  readonly agents: AgentTable;
  readonly warnings: Warnings;
  readonly originS: number;
}

function taskOf({ claims, seq, receivedAtS, submitter }: Ect, context: TaskContext): RunTask {
  const { told, recorded, warnings, originS } = context;
  const known = recorded.get(claims.jti);
  const stem = claims.iss.split("/").at(-1) ?? claims.iss;
  const agent = context.agents.idOf(claims.iss, told.names.get(claims.iss) ?? stem, "agent", stem);
  const parents = [...new Set(claims.pred)].filter((pred) => !context.starts.has(pred));
  const unknown = parents.filter((pred) => !told.ects.has(pred));
  for (const pred of unknown)
    warnings.add(
      "parent_unknown",
      "predecessors whose ECT the export does not hold are left out",
      `${claims.jti} -> ${pred}`,
    );
  const startS = Math.min(told.startedS.get(claims.jti) ?? receivedAtS, receivedAtS);
  const { iss, iat, aud, exp, wid, inp_hash, out_hash, ect_ext } = claims;
  return {
    ...blankTask(claims.jti, known?.name ?? claims.exec_act, agent, actionOf(claims.exec_act)),
    parents: parents.filter((pred) => told.ects.has(pred)).map((id) => ({ id, inferred: false })),
    startMs: (startS - originS) * 1000,
    durationMs: (receivedAtS - startS) * 1000,
    outcome: ect_ext?.[ECT_EXT.outcome] === "failure" ? "failure" : "success",
    inputs: known?.inputs ?? [],
    outputs: known?.outputs ?? [],
    args: known?.args ?? {},
    narrative: known?.narrative ?? null,
    usage: known?.usage ?? null,
    attributes: keptAttributes(
      {
        seq,
        submitter,
        ...(known === undefined ? {} : { recorded_id: known.id }),
        claims: JSON.parse(JSON.stringify({ iss, iat, aud, exp, wid, inp_hash, out_hash, ect_ext })) as Json,
      },
      () => warnings.add("attributes_cut", "attributes that are too long are cut", claims.jti),
    ),
  };
}
