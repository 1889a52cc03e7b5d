import type { RunBlame } from "../../../protocol/run/recorded-run.ts";
import { type LaneLog, wordOf } from "./lane-log.ts";

/** A step that the recording's annotation blames, where the log has it. */
export interface Blamed {
  readonly blame: RunBlame;
  /** Place of its task in the recorded run; null where it has none. */
  readonly place: number | null;
  /** The entry of the step: its ECT once it is there, else the first about it; null where there is none yet. */
  readonly at: { readonly log: LaneLog; readonly seq: number } | null;
}

/** Annotated steps of a workflow, by the places that their tasks have in the recorded run (`ids`). */
export function blamedOf(
  logs: readonly LaneLog[],
  wid: string,
  ids: readonly string[],
  blame: readonly RunBlame[],
): readonly Blamed[] {
  const wanted = new Set(blame.map(({ task }) => (task === null ? 0 : ids.indexOf(task) + 1)).filter((at) => at > 0));
  const found = new Map<number, { readonly log: LaneLog; readonly seq: number; readonly isEct: boolean }>();
  for (const log of logs) {
    const own = log.words.wid.indexOf(wid);
    if (own <= 0) continue;
    for (let seq = 0; seq < log.size; seq += 1) {
      const place = log.place[seq] as number;
      if (log.word.wid[seq] !== own || !wanted.has(place)) continue;
      const before = found.get(place);
      const isEct = wordOf(log, "typ", seq) === "exec+jwt";
      if (before === undefined || (isEct && !before.isEct)) found.set(place, { log, seq, isEct });
    }
  }
  return blame.map((one) => {
    const place = one.task === null ? -1 : ids.indexOf(one.task);
    const at = found.get(place + 1);
    return { blame: one, place: place < 0 ? null : place, at: at === undefined ? null : { log: at.log, seq: at.seq } };
  });
}
