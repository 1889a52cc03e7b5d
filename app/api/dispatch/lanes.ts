import { toBase64url } from "../../base/bytes.ts";
import type { EntryRowCore } from "../../host/entry-row.ts";
import { CAUSE_KINDS } from "../../host/lane-index.ts";
import type { Host } from "../../host/open-host.ts";
import { LANE_CAUSES, LANE_SEVERITIES, type LanesPart } from "../contract/lanes.ts";
import { positionOf } from "./base.ts";
import { readRuns, taskNameOf } from "./entries.ts";

/** Characters of a token's own word that are sent: what fits beside a mark; the entry itself shows all of it. */
const MAX_WORD = 120;

/** The contract's numbers of the index's kinds. */
const KINDS = CAUSE_KINDS.map((kind) => LANE_CAUSES.indexOf(kind));

/** A part of the log in columns, from its index: no token is read. */
export async function lanesPart(host: Host, from: number, limit: number): Promise<LanesPart> {
  const { index } = host;
  await index.catchUp();
  const runs = await readRuns(host);
  const rows = index.rows().slice(from, from + limit);
  const count = rows.length;
  const named = {
    typ: wordColumn(count),
    actor: wordColumn(count),
    wid: wordColumn(count),
    action: wordColumn(count),
    outcome: wordColumn(count),
    name: wordColumn(count),
  };
  const at = new Uint32Array(count);
  const severity = new Uint8Array(count);
  const task = new Uint32Array(count);
  const place = new Uint32Array(count);
  rows.forEach((row, k) => {
    at[k] = row.receivedAt;
    severity[k] = LANE_SEVERITIES.indexOf(row.severity);
    named.typ.set(k, row.typ);
    named.actor.set(k, row.iss);
    named.wid.set(k, row.wid);
    named.action.set(k, row.action);
    named.outcome.set(k, row.outcome);
    if (row.task === null) return;
    task[k] = (index.about(row.task)[0] ?? row.seq) + 1;
    named.name.set(k, taskNameOf(host, runs, row));
    place[k] = placeOf(host, runs, row) + 1;
  });
  const { counts, causes, kinds, unknown } = index.causes(from, from + count);
  return {
    position: await positionOf(host),
    domain: host.engine.ids.domain,
    from,
    count,
    words: {
      typ: named.typ.words,
      actor: named.actor.words,
      wid: named.wid.words,
      action: named.action.words,
      outcome: named.outcome.words,
      name: named.name.words,
    },
    at: packed(at),
    typ: packed(named.typ.places),
    actor: packed(named.actor.places),
    wid: packed(named.wid.places),
    action: packed(named.action.places),
    outcome: packed(named.outcome.places),
    name: packed(named.name.places),
    severity: packed(severity),
    task: packed(task),
    place: packed(place),
    unknown: packed(unknown),
    counts: packed(counts),
    causes: packed(causes),
    kinds: packed(kinds.map((kind) => KINDS[kind] ?? 0)),
  };
}

/** Place of a row's task in its recorded run, or -1. */
function placeOf(host: Host, runs: ReadonlyMap<string, string>, { wid, task }: EntryRowCore): number {
  const plan = wid === null ? undefined : host.runs.known(runs.get(wid) ?? "");
  return wid === null || task === null || plan === undefined ? -1 : (host.runs.jtis(wid, plan).indexOf.get(task) ?? -1);
}

/** Words by their places in a list in which each stands once; 0 is none. */
function wordColumn(count: number) {
  const places = new Uint16Array(count);
  const words: string[] = [];
  const known = new Map<string, number>();
  return {
    places,
    words,
    set: (at: number, word: string | null): void => {
      if (word === null) return;
      const short = word.slice(0, MAX_WORD);
      let place = known.get(short);
      if (place === undefined) {
        place = words.push(short);
        known.set(short, place);
      }
      places[at] = place;
    },
  };
}

/** Typed arrays are little-endian on every machine this runs on. */
const packed = (numbers: Uint8Array | Uint16Array | Uint32Array): string =>
  toBase64url(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
