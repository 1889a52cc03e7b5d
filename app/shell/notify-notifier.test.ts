import { describe, expect, it } from "vitest";
import { createNotifier, type NoticeTarget, type NotifyFacts } from "./notify-notifier.ts";
import type { WaitingRequest } from "./notify-plan.ts";
import type { NoticePermission, NoticeToShow, WatchedPane } from "./notify-ports.ts";
import type { NotifySettings, Priority } from "./notify-settings.ts";

const START = 1_800_000_000_000;
const QUIET: NotifySettings = { choice: "on", sounds: { stop: false, high: false, normal: false }, mutedUntilMs: 0 };

const request = (id: string): WaitingRequest => ({
  request: id,
  action: "send",
  consequence: "none",
  onTimeout: "deny",
  deadlineMs: null,
});
const facts = (...ids: readonly string[]): NotifyFacts => ({
  requests: ids.map(request),
  stops: [],
  agents: [],
  discreet: false,
});

/** A notifier in a browser of which everything is told here; its clock goes by `pass`. */
function bench(change: Partial<NotifySettings> = {}) {
  let nowMs = START;
  let timers: { atMs: number; run: () => void }[] = [];
  const open = new Map<string, NoticeToShow>();
  const went: NoticeTarget[] = [];
  const played: Priority[] = [];
  const looked = new Set<WatchedPane>();
  const world = { settings: { ...QUIET, ...change }, permission: "granted" as NoticePermission, shown: 0 };
  let granted: (() => void) | null = null;
  const notifier = createNotifier({
    notices: {
      permission: () => world.permission,
      ask: async () => world.permission,
      follow: () => () => undefined,
      show: (notice) => {
        world.shown += 1;
        open.set(notice.tag, notice);
        return true;
      },
      close: (tag) => open.delete(tag),
    },
    sounds: { play: (priority) => played.push(priority) },
    tabs: {
      lead: (call) => {
        granted = call;
        return () => undefined;
      },
      look: () => () => undefined,
      lookedAt: async () => looked,
      follow: () => () => undefined,
    },
    settings: () => world.settings,
    nowMs: () => nowMs,
    after: (ms, run) => {
      const timer = { atMs: nowMs + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    go: (target) => went.push(target),
  });
  const pass = async (ms: number): Promise<void> => {
    const untilMs = nowMs + ms;
    for (;;) {
      const next = timers.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      timers = timers.filter((one) => one !== next);
      nowMs = next.atMs;
      next.run();
      // The look asks the other tabs first.
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    }
    nowMs = untilMs;
  };
  const lead = (): void => granted?.();
  return { notifier, world, open, went, played, looked, pass, lead, tags: () => [...open.keys()] };
}

/** As `bench`, leading, with nothing waiting yet. */
async function leading(change: Partial<NotifySettings> = {}) {
  const all = bench(change);
  all.lead();
  all.notifier.update(facts());
  await all.pass(1000);
  return all;
}

describe("the notifier", () => {
  it("[J2] shows a request that newly waits, leads to it, and closes it once it is settled", async () => {
    const { notifier, pass, open, tags, went } = await leading();
    notifier.update(facts("a", "b"));
    await pass(1000);
    expect(tags()).toEqual(["a", "b"]);
    open.get("a")?.onPress();
    expect(went).toEqual([{ to: "/approvals", request: "a" }]);
    notifier.update(facts("a"));
    await pass(1000);
    expect(tags()).toEqual(["a"]);
  });

  it("looks at what comes in a moment together, and is not put off by what keeps coming", async () => {
    const { notifier, pass, world, tags } = await leading();
    const ids: string[] = [];
    for (let at = 0; at < 20; at += 1) {
      ids.push(`r${at}`);
      notifier.update(facts(...ids));
      await pass(50);
    }
    expect(tags()).toEqual(["signalbox-requests"]);
    expect(world.shown).toBeLessThanOrEqual(6);
  });

  it("shows nothing while another tab notifies, and takes over without telling again", async () => {
    const { notifier, pass, tags, lead } = bench();
    notifier.update(facts());
    await pass(1000);
    notifier.update(facts("a"));
    await pass(1000);
    expect(tags()).toEqual([]);
    lead();
    notifier.update(facts("a", "b"));
    await pass(1000);
    expect(tags()).toEqual(["b"]);
  });

  it.each([
    { name: "are off", choice: "off", permission: "granted" },
    { name: "were declined", choice: "declined", permission: "granted" },
    { name: "were never turned on", choice: null, permission: "granted" },
    { name: "are not allowed by the browser", choice: "on", permission: "denied" },
  ] as const)("shows nothing where notifications $name", async ({ choice, permission }) => {
    const { notifier, pass, tags, world } = await leading({ choice });
    world.permission = permission;
    notifier.update(facts("a"));
    await pass(1000);
    expect(tags()).toEqual([]);
    expect(world.shown).toBe(0);
  });

  it("[A8] sounds only what was turned on, whether or not it shows anything", async () => {
    const { notifier, pass, played } = await leading({
      choice: "off",
      sounds: { stop: true, high: false, normal: true },
    });
    notifier.update(facts("a"));
    await pass(1000);
    expect(played).toEqual(["normal"]);
    notifier.update({ ...facts("a"), requests: [request("a"), { ...request("b"), consequence: "irreversible" }] });
    await pass(1000);
    expect(played).toEqual(["normal"]);
    notifier.update({ ...facts("a"), stops: [{ jti: "s", violated: 1, targets: 2 }] });
    await pass(1000);
    expect(played).toEqual(["normal", "stop"]);
  });

  it("[A8] ends a mute by itself and tells what still waits", async () => {
    const { notifier, pass, tags } = await leading({ mutedUntilMs: START + 900_000 });
    notifier.update(facts("a"));
    await pass(890_000);
    expect(tags()).toEqual([]);
    await pass(20_000);
    expect(tags()).toEqual(["a"]);
  });

  it("closes what is open when somebody looks at the queue, and when it ends", async () => {
    const { notifier, pass, tags, looked } = await leading();
    notifier.update(facts("a"));
    await pass(1000);
    looked.add("approvals");
    notifier.look();
    await pass(1000);
    expect(tags()).toEqual([]);
    looked.clear();
    notifier.update(facts("a", "b"));
    await pass(1000);
    expect(tags()).toEqual(["b"]);
    notifier.end();
    expect(tags()).toEqual([]);
  });
});
