import { toBase64url } from "../../app/base/bytes.ts";
import type { LaneLogBuilder } from "../../app/features/timeline/lanes/lane-log.ts";

/** A part of the log as the contract gives it. */
export type Part = Parameters<LaneLogBuilder["append"]>[0];

const PART = 50_000;
const AGENTS = 24;
const KINDS = ["intent+jwt", "record+jwt", "exec+jwt", "hitl-request+jwt", "hitl-decision+jwt"];
const ACTIONS = ["build_site", "deploy_site", "permitted", "effect_started", "review"];
const START_S = 1_772_064_000;

/** A log that is not real but has the shape of one: bursts and pauses over days, few warnings, each entry with a cause or two. */
export function lanesLoad(entries: number): readonly Part[] {
  const parts: Part[] = [];
  let at = START_S;
  for (let from = 0; from < entries; from += PART) {
    const count = Math.min(PART, entries - from);
    const own = {
      at: new Uint32Array(count),
      typ: new Uint16Array(count),
      actor: new Uint16Array(count),
      wid: new Uint16Array(count),
      action: new Uint16Array(count),
      outcome: new Uint16Array(count),
      name: new Uint16Array(count),
      severity: new Uint8Array(count),
      task: new Uint32Array(count),
      place: new Uint32Array(count),
      unknown: new Uint8Array(count),
      counts: new Uint8Array(count),
    };
    const causes: number[] = [];
    for (let k = 0; k < count; k += 1) {
      const seq = from + k;
      // Some dozens a second, then a pause of minutes.
      if (seq % 40 === 0) at += 1;
      if (seq % 2000 === 0) at += 600;
      own.at[k] = at;
      own.typ[k] = 1 + (seq % KINDS.length);
      own.actor[k] = 1 + ((seq * 7) % AGENTS);
      own.wid[k] = 1 + (Math.floor(seq / 5000) % 9);
      own.action[k] = 1 + ((seq * 3) % ACTIONS.length);
      own.name[k] = 1 + ((seq * 11) % 90);
      own.severity[k] = seq % 997 === 0 ? 3 : seq % 211 === 0 ? 2 : seq % 6 === 0 ? 1 : 0;
      own.task[k] = 1 + seq - (seq % 4);
      const follows = seq === 0 ? [] : seq % 4 === 0 && seq > 40 ? [seq - 1, seq - 37] : [seq - 1];
      own.counts[k] = follows.length;
      causes.push(...follows);
    }
    parts.push({
      position: { domain: "console.local", size: entries, root: "A".repeat(43), atMs: 0 },
      domain: "console.local",
      from,
      count,
      words: {
        typ: KINDS,
        actor: Array.from({ length: AGENTS }, (_, n) => `spiffe://console.local/agent/run/agent-${n}`),
        wid: Array.from({ length: 9 }, (_, n) => `0195400c-0000-7000-8000-00000000000${n}`),
        action: ACTIONS,
        outcome: [],
        name: Array.from({ length: 90 }, (_, n) => `stage ${n}`),
      },
      at: packed(own.at),
      typ: packed(own.typ),
      actor: packed(own.actor),
      wid: packed(own.wid),
      action: packed(own.action),
      outcome: packed(own.outcome),
      name: packed(own.name),
      severity: packed(own.severity),
      task: packed(own.task),
      place: packed(own.place),
      unknown: packed(own.unknown),
      counts: packed(own.counts),
      causes: packed(Uint32Array.from(causes)),
      kinds: packed(new Uint8Array(causes.length)),
    });
  }
  return parts;
}

const packed = (numbers: Uint8Array | Uint16Array | Uint32Array): string =>
  toBase64url(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
