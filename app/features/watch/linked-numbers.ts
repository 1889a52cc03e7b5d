/** Numbers longer than this as text do not go into a link: it has to pass through chats and mail whole. */
export const MAX_LINKED_CHARACTERS = 4000;

/**
 * Task numbers as a link carries them, in the order in which they were picked: `t3.40.5-204`, a run of neighbours as its
 * ends. Where that is too long, sorted, with the one picked last at the end; where that is too long as well, only how many:
 * `+5000`. Begins with a letter, so that no router takes a single number for more than text.
 */
export function formatNumbers(numbers: readonly number[]): string | undefined {
  if (numbers.length === 0) return undefined;
  const picked = `t${runsOf(numbers)}`;
  if (picked.length <= MAX_LINKED_CHARACTERS) return picked;
  const sorted = `t${runsOf(numbers.toSorted((a, b) => a - b))}.${numbers.at(-1)}`;
  return sorted.length <= MAX_LINKED_CHARACTERS ? sorted : `+${numbers.length}`;
}

function runsOf(numbers: readonly number[]): string {
  const parts: string[] = [];
  let from = 0;
  while (from < numbers.length) {
    const first = numbers[from] ?? 0;
    const step = numbers[from + 1] === first - 1 ? -1 : 1;
    let to = from;
    while (numbers[to + 1] === first + (to + 1 - from) * step) to += 1;
    parts.push(to === from ? `${first}` : `${first}-${numbers[to]}`);
    from = to + 1;
  }
  return parts.join(".");
}

/** Task numbers of a link that exist in a run of `tasks` tasks; of one named twice the last place counts. */
export function parseNumbers(text: string | undefined, tasks: number): number[] {
  if (text === undefined || text.length > MAX_LINKED_CHARACTERS) return [];
  const found = new Set<number>();
  // What was written here names a task twice at most; a link made by hand must not keep the page busy.
  let left = 2 * tasks;
  for (const part of text.replace(/^t/, "").split(".")) {
    const ends = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part);
    if (ends === null) continue;
    const first = Number(ends[1]);
    const last = Number(ends[2] ?? ends[1]);
    const step = first <= last ? 1 : -1;
    for (let task = Math.min(first, tasks); task !== Math.min(last, tasks) + step; task += step) {
      if (left === 0) return [...found];
      left -= 1;
      if (task >= tasks) continue;
      found.delete(task);
      found.add(task);
    }
  }
  return [...found];
}

/** How many tasks a link names without saying which; 0 when it says which. */
export function countOnly(text: string | undefined): number {
  return /^\+\d{1,7}$/.test(text ?? "") ? Number(text) : 0;
}
