import { beforeEach, describe, expect, it } from "vitest";
import { createHeadWatch, type HeadWatch, type OpenStorage } from "./pinned-head.ts";

const DOMAIN = "console.local";
const at = (size: number, root: string) => ({ domain: DOMAIN, size, root, atMs: 1000 + size });

let kept: Map<string, string>;
let storage: OpenStorage;
let watch: HeadWatch;

beforeEach(() => {
  kept = new Map();
  storage = () => ({
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  });
  watch = createHeadWatch(storage);
});

const ask = (position: ReturnType<typeof at>): void => watch.judge(watch.before(DOMAIN), position);

describe("the newest head this browser has seen", () => {
  it("[C2] takes a log that grows, over reloads", () => {
    ask(at(10, "a"));
    ask(at(12, "b"));
    ask(at(12, "b"));
    watch = createHeadWatch(storage);
    ask(at(15, "c"));
    expect(watch.store.getState().conflict).toBeNull();
    expect(watch.before(DOMAIN)).toMatchObject({ size: 15, root: "c" });
  });

  it("[C2] names a log that became shorter, and keeps what was seen as the measure", () => {
    ask(at(12, "b"));
    ask(at(9, "x"));
    expect(watch.store.getState().conflict).toMatchObject({ kind: "shorter", seen: { size: 12, root: "b" }, size: 9 });
    ask(at(20, "y"));
    expect(watch.store.getState().conflict?.kind).toBe("shorter");
    expect(watch.before(DOMAIN)).toMatchObject({ size: 12, root: "b" });
  });

  it("[C2] names another log of the same size", () => {
    ask(at(12, "b"));
    ask(at(12, "other"));
    expect(watch.store.getState().conflict).toMatchObject({ kind: "different", root: "other" });
  });

  it("does not take an old answer for a shorter log when another tab saw more meanwhile", () => {
    ask(at(10, "a"));
    const before = watch.before(DOMAIN);
    createHeadWatch(storage).judge(before, at(14, "d"));
    watch.judge(before, at(12, "c"));
    expect(watch.store.getState().conflict).toBeNull();
    expect(watch.before(DOMAIN)?.size).toBe(14);
  });

  it("goes on from a log the operator accepts", () => {
    ask(at(12, "b"));
    ask(at(3, "n"));
    watch.acceptNow(at(3, "n"));
    ask(at(4, "o"));
    expect(watch.store.getState().conflict).toBeNull();
  });

  it("knows nothing of before where storage is blocked or holds something else", () => {
    kept.set(`signalbox.head.${DOMAIN}`, "{not json");
    expect(watch.before(DOMAIN)).toBeNull();
    const blocked = createHeadWatch(() => {
      throw new DOMException("blocked", "SecurityError");
    });
    blocked.judge(blocked.before(DOMAIN), at(1, "a"));
    expect(blocked.store.getState().conflict).toBeNull();
  });
});
