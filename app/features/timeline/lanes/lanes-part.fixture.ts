import { LANE_CAUSES, LANE_SEVERITIES, type LaneCause, type LanesPart } from "../../../api/contract/lanes.ts";
import { must } from "../../../base/assert.ts";
import { toBase64url } from "../../../base/bytes.ts";
import { createLaneLog, type LANE_WORDS, type LaneLog } from "./lane-log.ts";

/** An entry as a test gives it; what is left out is as it mostly is. */
export interface GivenEntry {
  readonly at: number;
  readonly actor?: string | null;
  readonly typ?: string;
  readonly wid?: string | null;
  readonly action?: string;
  readonly outcome?: string | null;
  readonly name?: string | null;
  readonly severity?: (typeof LANE_SEVERITIES)[number];
  /** First entry about the same task. */
  readonly task?: number | null;
  readonly place?: number | null;
  readonly unknown?: number;
  readonly causes?: readonly (number | readonly [entry: number, kind: LaneCause])[];
}

const DOMAIN = "console.local";

/** A part as a host packs it. */
export function lanesPart(given: readonly GivenEntry[], from = 0, domain = DOMAIN): LanesPart {
  const lists = { typ: [], actor: [], wid: [], action: [], outcome: [], name: [] } as Record<
    (typeof LANE_WORDS)[number],
    string[]
  >;
  const known = new Map<string, number>();
  const place = (name: (typeof LANE_WORDS)[number], word: string | null): number => {
    if (word === null) return 0;
    const at = known.get(`${name} ${word}`) ?? lists[name].push(word);
    known.set(`${name} ${word}`, at);
    return at;
  };
  const column = (name: (typeof LANE_WORDS)[number], of: (entry: GivenEntry) => string | null): string =>
    packed(Uint16Array.from(given, (entry) => place(name, of(entry))));
  const causes = given.map((entry) =>
    (entry.causes ?? []).map((cause) => (typeof cause === "number" ? ([cause, "pred"] as const) : cause)),
  );
  return {
    position: { domain, size: from + given.length, root: "A".repeat(43), atMs: 0 },
    domain,
    from,
    count: given.length,
    at: packed(Uint32Array.from(given, ({ at }) => at)),
    typ: column("typ", ({ typ = "exec+jwt" }) => typ),
    actor: column("actor", ({ actor = "spiffe://console.local/agent/a" }) => actor),
    wid: column("wid", ({ wid = null }) => wid),
    action: column("action", ({ action = "build" }) => action),
    outcome: column("outcome", ({ outcome = null }) => outcome),
    name: column("name", ({ name = null }) => name),
    severity: packed(Uint8Array.from(given, ({ severity = "info" }) => LANE_SEVERITIES.indexOf(severity))),
    task: packed(Uint32Array.from(given, ({ task = null }) => (task === null ? 0 : task + 1))),
    place: packed(Uint32Array.from(given, ({ place: at = null }) => (at === null ? 0 : at + 1))),
    unknown: packed(Uint8Array.from(given, ({ unknown = 0 }) => unknown)),
    counts: packed(Uint8Array.from(causes, (own) => own.length)),
    causes: packed(Uint32Array.from(causes.flat(), ([entry]) => entry)),
    kinds: packed(Uint8Array.from(causes.flat(), ([, kind]) => LANE_CAUSES.indexOf(kind))),
    words: lists,
  };
}

/** A log of these entries. */
export function laneLog(given: readonly GivenEntry[], domain = DOMAIN): LaneLog {
  const builder = createLaneLog(domain);
  const taken = builder.append(lanesPart(given, 0, domain));
  must(taken.ok ? true : null, "the part fits");
  return builder.log();
}

const packed = (numbers: Uint8Array | Uint16Array | Uint32Array): string =>
  toBase64url(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
