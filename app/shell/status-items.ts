import type { Connection } from "../api/client/connection.ts";
import { CONTRACT_VERSION } from "../api/contract/version.ts";
import { formatAge, formatBytes, formatCount } from "../ui/duration.ts";
import type { MarkShape, MarkTone } from "../ui/mark.tsx";
import { type HostStatus, STATUS_OLD_MS } from "./host-status.ts";
import type { HeadConflict } from "./pinned-head.ts";

const HOW: Record<HeadConflict["kind"], string> = {
  shorter: "is shorter than it was",
  different: "is another one of the same size",
  rewritten: "did not grow out of what was seen",
};

/** One value of the status bar: shape and words, the age of what is known, and what it means. */
export interface StatusItem {
  readonly id: "connection" | "storage" | "log" | "head" | "version";
  readonly name: string;
  readonly shape: MarkShape;
  readonly tone: MarkTone;
  /** Shown everywhere. */
  readonly text: string;
  /** Shown where there is room. */
  readonly more: string;
  /** How old it is, shown everywhere (L1); empty while nothing is known, and where nothing changes while the page is open. */
  readonly age: string;
  readonly sentence: string;
}

export interface StatusInput {
  readonly connection: Connection;
  readonly status: HostStatus | undefined;
  /** Epoch ms when the newest status came in; 0 before the first. */
  readonly readAtMs: number;
  readonly conflict: HeadConflict | null;
  /** Whether the browser promised not to delete what is stored; null where it cannot say. */
  readonly persisted: boolean | null;
  readonly nowMs: number;
}

export function statusItems(input: StatusInput): StatusItem[] {
  return [connectionItem(input), storageItem(input), logItem(input), headItem(input), versionItem(input)];
}

const CONNECTION: Record<Connection["state"], { shape: MarkShape; tone: MarkTone; text: string }> = {
  starting: { shape: "ring", tone: "neutral", text: "starting" },
  leader: { shape: "dot", tone: "neutral", text: "leader" },
  follower: { shape: "half", tone: "neutral", text: "follower" },
  lost: { shape: "triangle", tone: "critical", text: "lost" },
  failed: { shape: "cross", tone: "critical", text: "no engine" },
};

function connectionItem({ connection, status, readAtMs, nowMs }: StatusInput): StatusItem {
  const base = CONNECTION[connection.state];
  const silentMs = readAtMs === 0 ? 0 : nowMs - readAtMs;
  const silent = silentMs > STATUS_OLD_MS && (connection.state === "leader" || connection.state === "follower");
  if (silent) {
    return {
      id: "connection",
      name: "Connection",
      shape: "triangle",
      tone: "warning",
      text: "no answer",
      more: "",
      age: formatAge(silentMs),
      sentence: `The engine has not answered for ${formatAge(silentMs)}; what is shown is at least that old.`,
    };
  }
  const slow = status !== undefined && !status.isolated;
  return {
    id: "connection",
    name: "Connection",
    ...base,
    ...(slow && base.tone === "neutral" ? { tone: "warning", shape: "triangle" } : {}),
    more: slow ? "stops are slower" : "",
    age: formatAge(nowMs - connection.sinceMs),
    sentence: slow
      ? `${connection.detail} The page is not isolated by its server, so agents cannot be flagged through shared memory: a stop holds at once but ends them more slowly.`
      : connection.detail,
  };
}

const UNKNOWN = { shape: "ring", tone: "neutral", text: "unknown", more: "", age: "" } as const;

/** What a status says of itself is as old as the status. */
const readAge = ({ readAtMs, nowMs }: StatusInput): string =>
  readAtMs === 0 ? "" : formatAge(Math.max(0, nowMs - readAtMs));

function storageItem(input: StatusInput): StatusItem {
  const { status, persisted } = input;
  const base = { id: "storage", name: "Storage", age: readAge(input) } as const;
  if (status === undefined) return { ...base, ...UNKNOWN, sentence: "The engine has not said yet where it stores." };
  const { state, detail, usageBytes } = status.storage;
  const used = usageBytes === null ? "" : formatBytes(usageBytes);
  if (state === "ok") {
    const kept = persisted === false ? "may be cleared" : persisted === true ? "kept" : "";
    return { ...base, shape: "dot", tone: "neutral", text: used || "stored", more: kept, sentence: detail };
  }
  if (state === "memory") {
    return { ...base, shape: "triangle", tone: "warning", text: "not kept", more: "memory only", sentence: detail };
  }
  return { ...base, shape: "cross", tone: "critical", text: state, more: "nothing is recorded", sentence: detail };
}

function logItem(input: StatusInput): StatusItem {
  const { status, conflict, nowMs } = input;
  const base = { id: "log", name: "Log", age: readAge(input) } as const;
  if (conflict !== null) {
    const how = HOW[conflict.kind];
    return { ...base, shape: "cross", tone: "critical", text: "changed", more: "", sentence: `The log ${how}.` };
  }
  if (status === undefined) return { ...base, ...UNKNOWN, sentence: "Nothing is known of the log yet." };
  const { state, checkedSize, checkedAtMs } = status.integrity;
  const covered = `${formatCount(checkedSize)} of ${formatCount(status.position.size)} entries`;
  const age = checkedAtMs === null ? base.age : formatAge(nowMs - checkedAtMs);
  if (state === "intact") {
    const sentence = `The last check recomputed ${covered}: every hash and signature held.`;
    const more = checkedSize < status.position.size ? covered : "";
    return { ...base, shape: "dot", tone: "neutral", text: "intact", more, age, sentence };
  }
  if (state === "checking") {
    return {
      ...base,
      shape: "half",
      tone: "neutral",
      text: "checking",
      more: covered,
      sentence: `Checked: ${covered}.`,
    };
  }
  if (state === "unchecked") {
    const sentence = "The log was not checked since it was opened.";
    return { ...base, shape: "ring", tone: "neutral", text: "unchecked", more: "", sentence };
  }
  const bad = status.integrity.report?.firstBad;
  const where = bad === undefined || bad === null ? "" : ` The first bad entry is ${bad.seq}: ${bad.detail}`;
  const sentence = `The log does not agree with itself.${where}`;
  return { ...base, shape: "cross", tone: "critical", text: "BROKEN", more: "", age, sentence };
}

function headItem(input: StatusInput): StatusItem {
  const { status, nowMs } = input;
  const base = { id: "head", name: "Signed head", age: readAge(input) } as const;
  if (status === undefined) return { ...base, ...UNKNOWN, sentence: "No signed head is known yet." };
  if (status.sth === null) {
    return { ...base, shape: "ring", tone: "neutral", text: "no head", more: "", sentence: "No head was signed yet." };
  }
  const age = formatAge(Math.max(0, nowMs - status.sth.iat * 1000));
  const behind = status.position.size - status.sth.size;
  const sentence = `The newest signed head covers ${formatCount(status.sth.size)} entries and is ${age} old; ${formatCount(behind)} came after it.`;
  return {
    ...base,
    shape: "dot",
    tone: "neutral",
    text: `head ${formatCount(status.sth.size)}`,
    more: "",
    age,
    sentence,
  };
}

function versionItem({ status }: StatusInput): StatusItem {
  const base = { id: "version", name: "Contract", age: "" } as const;
  const same = status === undefined || status.contractVersion === CONTRACT_VERSION;
  if (same) {
    const sentence = `Page and engine speak version ${CONTRACT_VERSION} of the contract.`;
    return { ...base, shape: "dot", tone: "neutral", text: `v${CONTRACT_VERSION}`, more: "", sentence };
  }
  const sentence = `The page speaks ${CONTRACT_VERSION} and the engine ${status.contractVersion}: reload every tab of this console.`;
  return { ...base, shape: "cross", tone: "critical", text: "reload", more: status.contractVersion, sentence };
}
