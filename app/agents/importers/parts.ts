import type { ImportFile } from "./byte-source.ts";

const ROLLED = /^events_(\d+)_.+?(\.compact)?$/;

/**
 * The files that make up one run, in order. A rolled Spark log is a folder of `events_1_...`, `events_2_...`: its parts
 * come in the order of their numbers, a compacted part stands for those up to its number, and the empty status file and
 * checksum files beside them hold no events. Any other files stay as they were given.
 */
export function partsInOrder<F extends Pick<ImportFile, "name">>(files: readonly F[]): readonly F[] {
  const content = files.filter((file) => !/^(?:appstatus_|\.|_)/.test(file.name));
  const rolled = content.map((file) => ({ file, match: ROLLED.exec(file.name) }));
  if (content.length === 0 || rolled.some(({ match }) => match === null)) return files;
  const numbered = rolled.map(({ file, match }) => ({
    file,
    number: Number(match?.[1]),
    compact: match?.[2] !== undefined,
  }));
  const compacted = Math.max(-1, ...numbered.filter((part) => part.compact).map((part) => part.number));
  return numbered
    .filter((part) => part.number > compacted || (part.compact && part.number === compacted))
    .sort((a, b) => a.number - b.number)
    .map((part) => part.file);
}
