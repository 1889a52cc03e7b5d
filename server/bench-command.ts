import * as z from "zod";
import type { Json } from "../app/base/json.ts";
import type { Sha256 } from "../app/base/ports.ts";
import { err, ok, type Result } from "../app/base/result.ts";
import { regression } from "../app/protocol/behavior/bench-compare.ts";
import { BENCH_ORDER_TYPE, type BenchOrderClaims } from "../app/protocol/behavior/bench-order.ts";
import { plannedRuns } from "../app/protocol/behavior/bench-plan.ts";
import { benchHash, benchProblem, benchProfileSchema, taskSetHash } from "../app/protocol/behavior/bench-profile.ts";
import { BENCH_RESULT_TYPE, type BenchResultClaims } from "../app/protocol/behavior/bench-result.ts";
import { resultProblems } from "../app/protocol/behavior/bench-verify.ts";
import { parseCompact } from "../app/protocol/jose/compact.ts";
import { tokenDigest } from "../app/protocol/jose/sign-token.ts";
import type { TokenType } from "../app/protocol/jose/token-type.ts";
import { verifyToken } from "../app/protocol/jose/verify-token.ts";
import { type Answer, type LineCommand, readLine } from "./lines.ts";
import { contextOf, issuerOf, keysSchema, trustedKeys } from "./token-command.ts";

const tokenText = z.string().min(1);
const lineSchema = z.strictObject({
  result: tokenText,
  order: tokenText,
  jwks: keysSchema,
  /** The profile as it was published; else the one in the order is all there is. */
  profile: benchProfileSchema.optional(),
  /** The starts of all runs, in the order of their ids. */
  starts: z.array(tokenText).max(60).optional(),
  /** An earlier result, to be held against. */
  before: tokenText.optional(),
});
type Line = z.infer<typeof lineSchema>;

interface Check {
  readonly name: string;
  /** Null: there was nothing to check it with. */
  readonly ok: boolean | null;
  readonly code: string | null;
  readonly detail: string;
}

const passed = (name: string, detail = "passed"): Check => ({ name, ok: true, code: null, detail });
const failed = (name: string, code: string, detail: string): Check => ({ name, ok: false, code, detail });
const held = (name: string, code: string, problems: readonly string[]): Check =>
  problems.length === 0 ? passed(name) : failed(name, code, problems.join("; "));

/** A token by a key of the set, as of when it says that it was made: a benchmark is looked at long after it. */
async function read<C>(type: TokenType<C>, token: string, jwks: Line["jwks"], sha256: Sha256) {
  const keys = await trustedKeys(jwks, issuerOf(token));
  if (!keys.ok) return err({ code: "token_malformed", detail: keys.error });
  const parsed = parseCompact(token);
  const { iat, aud } = parsed.ok ? parsed.value.payload : {};
  const ownIds = [aud].flat().filter((one) => typeof one === "string");
  const at = typeof iat === "number" ? iat : undefined;
  const verified = await verifyToken(type, token, contextOf(keys.value, ownIds, at, sha256));
  if (!verified.ok) return verified;
  const { claims, key } = verified.value;
  return ok({ claims, bound: keys.value.get(key.kid)?.bound === true });
}

/** A key that the set binds to nobody proves that somebody signed, and not who. */
const signed = (name: string, read: Result<{ readonly bound: boolean }, { code: string; detail: string }>): Check => {
  if (!read.ok) return failed(name, read.error.code, read.error.detail);
  const detail = "it verifies, and the key set does not say whose key it is: anybody in it could have signed";
  return read.value.bound ? passed(name) : { name, ok: null, code: null, detail };
};

const verify: Answer = async (line, sha256) => {
  const given = readLine(line, lineSchema);
  if (!given.ok) return given;
  const { result: token, order: ordered, jwks, before } = given.value;
  const result = await read(BENCH_RESULT_TYPE, token, jwks, sha256);
  const order = await read(BENCH_ORDER_TYPE, ordered, jwks, sha256);
  const checks = [
    signed("signature of the result", result),
    signed("signature of the order", order),
    ...(result.ok && order.ok ? heldTogether(given.value, result.value.claims, order.value.claims, sha256) : []),
  ];
  const first = checks.find((check) => check.ok === false);
  // What there was nothing to check with is not vouched for.
  const isOk = first !== undefined ? false : checks.every((check) => check.ok === true) || null;
  const answer = { ok: isOk, code: first?.code ?? null, checks: checks.map((check) => ({ ...check })) };
  if (before === undefined || !result.ok || !order.ok) return ok(answer);
  const earlier = await read(BENCH_RESULT_TYPE, before, jwks, sha256);
  return ok({
    ...answer,
    comparable: earlier.ok
      ? compared(earlier.value.claims, result.value.claims, order.value.claims)
      : noWith(earlier.error),
  });
};

/** What was ordered, what was committed to before, and what came of it. */
function heldTogether(line: Line, result: BenchResultClaims, order: BenchOrderClaims, sha256: Sha256): Check[] {
  const { profile, hash, task_set: told } = order;
  const invalid = benchProblem(profile, told);
  return [
    held("the order is of its profile", "object_hash_mismatch", [
      ...(benchHash(profile, sha256) === hash ? [] : ["the digest in the order is of another profile"]),
      ...(told === undefined || taskSetHash(told, sha256) === profile.task_set.hash
        ? []
        : ["the task set it tells is not the one the profile names"]),
      ...(invalid === null ? [] : [invalid]),
    ]),
    line.profile === undefined
      ? { name: "the profile is the published one", ok: null, code: null, detail: "none was given" }
      : held(
          "the profile is the published one",
          "object_hash_mismatch",
          benchHash(line.profile, sha256) === hash ? [] : ["the profile that was given is another text"],
        ),
    held("the result answers the order", "bench_mark_mismatch", answerProblems(result, order)),
    held("the result follows from its figures", "bench_contradicts", resultProblems(profile, result, sha256)),
    runsCheck(line, result, order, sha256),
  ];
}

function answerProblems(result: BenchResultClaims, order: BenchOrderClaims): string[] {
  return [
    ...(result.order === order.jti ? [] : ["it names another order"]),
    ...(order.aud.includes(result.iss) ? [] : ["whoever signed it is not who was ordered to run it"]),
    ...(result.subject === order.subject ? [] : ["it is about another agent than was ordered"]),
    ...(result.started_at >= order.iat - 30 ? [] : ["it began before it was ordered"]),
    ...(result.iat >= result.ended_at - 30 ? [] : ["it was signed before it had ended"]),
  ];
}

/** BEH-45: every run was named before anything ran, in its seeded order, so that none is left out of a result. */
function runsCheck({ starts }: Line, result: BenchResultClaims, order: BenchOrderClaims, sha256: Sha256): Check {
  const name = "the runs are those that were ordered";
  const planned = plannedRuns(order.profile, result.task_set.items.length, sha256);
  const measured = planned.flatMap(({ warmup }, at) => (warmup ? [] : [at]));
  if (planned.length !== order.wids.length || measured.length !== result.runs.length)
    return failed(name, "bench_invalid", "the order or the result names more or fewer runs than the profile has");
  if (starts === undefined)
    return { name, ok: null, code: null, detail: "as many as were ordered; their starts were not given" };
  const wrong = measured.findIndex((at, place) => {
    const start = starts[at] ?? "";
    const parsed = parseCompact(start);
    const named = result.runs[place];
    return !parsed.ok || parsed.value.payload.wid !== order.wids[at] || tokenDigest(start, sha256) !== named?.hash;
  });
  return wrong === -1
    ? passed(name)
    : failed(name, "object_hash_mismatch", `run ${wrong + 1} of the result is not the start that was ordered there`);
}

function compared(earlier: BenchResultClaims, result: BenchResultClaims, order: BenchOrderClaims): Json {
  const changes = regression(earlier, result, order.profile.targets);
  if (!changes.ok) return noWith(changes.error);
  const rows = changes.value.map(({ metric, movement, difference }) => ({
    metric,
    movement,
    difference: { ...difference },
  }));
  return { ok: true, code: null, detail: null, changes: rows };
}

const noWith = ({ code, detail }: { readonly code: string; readonly detail: string }): Json => ({
  ...{ ok: false, code, detail },
  changes: [],
});

export const benchCommand: LineCommand = {
  answer: verify,
  help: [
    "a result of a benchmark, held against its order and profile",
    '{"result", "order", "jwks", "profile", "starts", "before"}: tokens in compact form',
    "jwks      whose keys count, as for token verify; each token is verified as of when it says it was made. Of a key without",
    '          "sub" nobody can tell who signed: then ok is null',
    "profile   the benchmark as it was published; without it, the one in the order is all there is",
    "starts    the signed starts of all runs in the order of their ids: then each run of the result is looked up among them",
    "before    an earlier result: says whether the two are comparable, why not, and what moved",
    'answer: {"ok", "code": of the first check that failed, or null, "checks": [{"name", "ok", "code", "detail"}]}, where ok is null',
    '        for what there was nothing to check with, and for all of it where none failed; with before "comparable": {"ok", "code", "detail", "changes"}',
    "exit code 0: every line was answered, whatever the answer; 1: a line that is none of these, which ends it; 2: no such command",
  ],
};
