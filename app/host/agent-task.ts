import type { AgentTask } from "../agents/messages.ts";
import { effectOf, touchedBy } from "../agents/resources/effect.ts";
import { utf8 } from "../base/bytes.ts";
import type { Json } from "../base/json.ts";
import type { Sha256 } from "../base/ports.ts";
import { objectDigest } from "../protocol/jcs/canonical.ts";
import { parseStrictJson } from "../protocol/jcs/strict-json.ts";
import { numbersAreExact } from "../protocol/jose/compact.ts";
import type { RunTask } from "../protocol/run/recorded-run.ts";
import type { ValueNames } from "./value-names.ts";

/** What a token can carry along of a recorded task, beside all else: bytes of its JSON. A token has 16,384. */
const MAX_CARRIED_BYTES = 4096;
/** As an intent has them. */
const MAX_RESOURCES = 64;
const MAX_NAME = 1024;
/** Amounts as a token carries them: no sign, no exponent, at most 12 decimal places. */
const MONEY = /^(0|[1-9]\d{0,17})(\.\d{1,12})?$/;
const CURRENCY = /^[A-Z]{3}$/;

/** Small enough, and of numbers and text that whoever reads the token takes (COM-1, COM-13): recordings hold others. */
function isCarried(value: Json): boolean {
  const text = JSON.stringify(value);
  if (utf8(text).length > MAX_CARRIED_BYTES) return false;
  const readBack = parseStrictJson(text);
  return readBack.ok && numbersAreExact(readBack.value);
}

/**
 * A recorded task as its agent is told of it; what the recording does not say is not stated. Where its agents act, what it
 * names as resources is what it writes, by the names they have in the store.
 */
export function agentTask(
  task: RunTask | undefined,
  sha256: Sha256,
  place: Pick<AgentTask, "wid" | "jti" | "pred" | "acp" | "bench">,
  acts = false,
  nameOf: ValueNames | null = null,
): AgentTask {
  const digest = (value: Json): string => {
    const made = objectDigest(value, sha256);
    return made.ok ? made.value : "";
  };
  const args = task?.args ?? {};
  const effect = acts && task !== undefined ? effectOf(place.wid, place.jti, task) : null;
  const named = nameOf?.(args) ?? {};
  const needs = {
    ...(task === undefined ? {} : needsOf(task)),
    ...(Object.keys(named).length === 0 ? {} : { named }),
  };
  return {
    ...place,
    execAct: task?.action ?? "",
    inpHash: digest({ args, inputs: task?.inputs ?? [] }),
    argsHash: digest(args),
    // Carried so that an approval may change them.
    args: task !== undefined && Object.keys(args).length > 0 && isCarried(args) ? task.args : null,
    outHash: digest({ outcome: task?.outcome ?? "unfinished", outputs: task?.outputs ?? [] }),
    target: task?.outputs[0] ?? null,
    outcome: task?.outcome === "success" ? "success" : "failure",
    summary: (task?.narrative ?? task?.name ?? "").slice(0, 2000),
    needs: acts ? { ...needs, resources: effect === null ? [] : touchedBy(effect) } : needs,
    ...(acts ? { effect } : {}),
  };
}

/** What a recorded task used and touched, as its agent will state it (ECT-57). */
function needsOf({ usage, durationMs, attempt, inputs, outputs }: RunTask): AgentTask["needs"] {
  const tokens = (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0);
  const told = usage !== null && (usage.inputTokens !== null || usage.outputTokens !== null);
  const cost = usage?.cost;
  const resources = [...new Set([...inputs, ...outputs])].filter((name) => name !== "");
  // With more than a token holds it names none, and a limit on resources then refuses it.
  const named =
    resources.length > 0 &&
    resources.length <= MAX_RESOURCES &&
    resources.every((name) => name.length <= MAX_NAME) &&
    isCarried(resources);
  return {
    duration_s: durationMs / 1000,
    ...(attempt === 0 ? {} : { attempt }),
    ...(told ? { tokens: Math.round(tokens) } : {}),
    ...(cost == null || !MONEY.test(cost.amount) || !CURRENCY.test(cost.currency) ? {} : { cost }),
    ...(named ? { resources } : {}),
  };
}
