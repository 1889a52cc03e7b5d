import { expect, it } from "vitest";
import { systemClock } from "../../base/system.ts";
import { turn } from "../../base/turn.ts";
import { createFindingWatch } from "./finding-watch.ts";

it("[S5] [XDA-32] looks only through workflows of which there is news, and lets everything else go on between them", async () => {
  const workflows = ["a", "b", "c", "d"];
  let news: string[] = [];
  let turns = 0;
  const looked: (readonly [wid: string, turns: number])[] = [];
  const ledger = {
    workflows: () => workflows,
    news: () => news,
  };
  const due: (() => void)[] = [];
  const watch = createFindingWatch({
    trails: {
      ends: async (wids) => {
        for (const wid of wids ?? []) looked.push([wid, turns]);
        return { crossings: [], gaps: [] };
      },
    },
    // All that is asked of them here.
    engine: { fault: () => null, read: async () => [] } as never,
    hosts: {
      all: () => [{ domain: "core.example", host: { engine: { fault: () => null } }, ledger }] as never,
      troubles: () => new Map(),
    }, // likewise
    clock: {
      ...systemClock,
      after: (_ms, run) => {
        due.push(run);
        return () => undefined;
      },
    },
    overdue: () => undefined,
  });
  let isOver = false;
  const others = (async () => {
    for (; !isOver; turns += 1) await turn();
  })();
  const look = async (): Promise<string[]> => {
    watch.changed();
    watch.changed();
    due.pop()?.();
    await watch.settled();
    return looked
      .splice(0)
      .map(([wid, at], index, all) => (index === 0 || at > (all[index - 1]?.[1] ?? 0) ? wid : `${wid} at once`));
  };
  expect(await look()).toEqual(workflows);
  expect(due).toEqual([]);
  news = ["c"];
  expect(await look()).toEqual(["c"]);
  news = [];
  expect(await look()).toEqual([]);
  isOver = true;
  await others;
  watch.close();
});
