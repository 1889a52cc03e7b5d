import { blameWord } from "../../../api/client/blame-words.ts";
import type { LaneLog } from "./lane-log.ts";
import type { Picture } from "./picture.ts";

/** What the drawing marks, in words, by domain and entry (`signKey`). */
export function signsOf({
  firsts,
  backs,
  path,
  blamed,
}: Pick<Picture, "firsts" | "backs" | "path" | "blamed">): ReadonlyMap<string, string> {
  const signs = new Map<string, string>();
  const add = (log: LaneLog, seq: number, word: string): void => {
    const key = signKey(log.domain, seq);
    const before = signs.get(key);
    signs.set(key, before === undefined ? word : `${before}, ${word}`);
  };
  for (const { log, first } of firsts) add(log, first, "1st of a burst");
  for (const { log, seq } of backs) add(log, seq, "clock went back");
  if (path !== null) for (const seq of path.entries) add(path.log, seq, "critical path");
  for (const { log, seq, cause } of blamed) add(log, seq, blameWord({ cause }));
  return signs;
}

export const signKey = (domain: string, seq: number): string => `${domain} ${seq}`;
