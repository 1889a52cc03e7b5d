import { isReservedAct } from "../../protocol/ect/reserved-acts.ts";
import type { RunAgent, RunTask, RunWarning } from "../../protocol/run/recorded-run.ts";

/** At most `characters` of an untrusted text; well formed, because a half character has no canonical bytes (COM-13). */
export function cut(text: string, characters: number): string {
  return (text.length > characters ? text.slice(0, characters) : text).toWellFormed();
}

/** `[a-z0-9]` joined by one character, at most 60 of them; `fallback` when nothing is left. */
export function slug(text: string, joiner: "-" | "_", fallback = "program"): string {
  const plain = text
    .slice(0, 512)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, joiner);
  return (
    plain
      .replace(/^[-_]+/, "")
      .slice(0, 60)
      .replace(/[-_]+$/, "") || fallback
  );
}

/** Characters of an action (spec README section 6). */
const MAX_ACTION = 64;

/**
 * The `exec_act` of a name: a policy is written for kinds of work, so running numbers and ids are left out. A name that
 * means something of this console's own is marked as recorded: `Run start` is `recorded_run_start` (ect.md section h).
 */
export function actionOf(name: string): string {
  const plain = slug(withoutIds(name), "_", "work");
  const action = /^[a-z]/.test(plain) ? plain : `run_${plain}`;
  return isReservedAct(action) ? `recorded_${action}`.slice(0, MAX_ACTION).replace(/_+$/, "") : action;
}

const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;

function withoutIds(name: string): string {
  return name
    .slice(0, 512)
    .replaceAll(UUID, "")
    .replace(/(?:[-_ #.:/]+\d+)+$/, "");
}

/** `shuffleMapTask` as `shuffle Map Task`. */
export function splitWords(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2");
}

/** Names as the recording has them, given ids that are unique in the run. */
export class AgentTable {
  readonly #byKey = new Map<string, RunAgent>();
  readonly #taken = new Set<string>();

  /** The id of the agent `key` names, made from its stem; a new one is entered. */
  idOf(key: string, name: string, kind: string, stem: string = key): string {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known.id;
    const base = slug(stem, "-", kind);
    let id = base;
    for (let copy = 2; this.#taken.has(id); copy += 1) id = `${base.slice(0, 54)}-${copy}`;
    this.#taken.add(id);
    this.#byKey.set(key, { id, name: cut(name, 256) || kind, kind: cut(kind, 32) });
    return id;
  }

  list(): RunAgent[] {
    return [...this.#byKey.values()];
  }
}

/** What was left out, guessed or computed: each kind once, with the number of places and the first of them. */
export class Warnings {
  readonly #byCode = new Map<string, RunWarning>();

  add(code: string, message: string, where: string | null = null, count = 1): void {
    if (count === 0) return;
    const known = this.#byCode.get(code);
    const first = where === null ? null : cut(where, 512);
    this.#byCode.set(
      code,
      known === undefined ? { code, message, count, where: first } : { ...known, count: known.count + count },
    );
  }

  list(): RunWarning[] {
    return [...this.#byCode.values()];
  }
}

/** Members every task starts from, so that a format names only what it knows. */
export function blankTask(id: string, name: string, agent: string, action: string): RunTask {
  return {
    id: cut(id, 256),
    name: cut(name, 512),
    action,
    agent,
    parents: [],
    caller: null,
    startMs: null,
    durationMs: 0,
    outcome: "success",
    error: null,
    attempt: 0,
    inputs: [],
    outputs: [],
    args: {},
    narrative: null,
    usage: null,
    attributes: {},
  };
}
