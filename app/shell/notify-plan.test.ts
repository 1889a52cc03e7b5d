import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AlarmingAgent, agentTag } from "./notify-agents.ts";
import {
  forgetNotice,
  MAX_SINGLE,
  NO_MEMORY,
  type NotifyInput,
  type NotifyMemory,
  planNotices,
  priorityOf,
  QUIET_MS,
  SOON_MS,
  SUMMARY_TAG,
  stopTag,
  type WaitingRequest,
} from "./notify-plan.ts";

const NOW = 1_800_000_000_000;

const request = (id: string, change: Partial<WaitingRequest> = {}): WaitingRequest => ({
  request: id,
  action: "send",
  consequence: "reversible",
  onTimeout: "deny",
  deadlineMs: NOW + 900_000,
  ...change,
});

const LOOKED_AT_NOTHING = { requests: false, stops: false, agents: false };

const input = (change: Partial<NotifyInput> = {}): NotifyInput => ({
  requests: [],
  stops: [],
  agents: [],
  leads: true,
  canShow: true,
  muted: false,
  inView: LOOKED_AT_NOTHING,
  discreet: false,
  nowMs: NOW,
  ...change,
});

/** The console was opened, and nothing waited. */
const OPENED = planNotices(NO_MEMORY, input()).memory;
const tagsOf = ({ show }: ReturnType<typeof planNotices>): string[] => show.map(({ tag }) => tag);

describe("what is notified", () => {
  it("is a request that newly waits, once, until it waits no more", () => {
    const first = planNotices(OPENED, input({ requests: [request("a")] }));
    expect(first.show).toMatchObject([{ tag: "a", priority: "normal", alerts: true }]);
    expect(first.sound).toBe("normal");
    const same = planNotices(first.memory, input({ requests: [request("a")] }));
    expect([same.show, same.close, same.sound]).toEqual([[], [], null]);
    expect(planNotices(same.memory, input()).close).toEqual(["a"]);
  });

  it("is not what waited when the page was opened, nor what another tab tells of, nor what is looked at", () => {
    const waits = { requests: [request("a")] };
    expect(planNotices(NO_MEMORY, input(waits)).show).toEqual([]);
    for (const change of [{ leads: false }, { inView: { ...LOOKED_AT_NOTHING, requests: true } }]) {
      const plan = planNotices(OPENED, input({ ...waits, ...change }));
      expect([plan.show, plan.sound]).toEqual([[], null]);
      expect(planNotices(plan.memory, input(waits)).show).toEqual([]);
    }
  });

  it("[L2] concludes nothing from a list that could not be read", () => {
    const { memory } = planNotices(OPENED, input({ requests: [request("a")] }));
    const blind = planNotices(memory, input({ requests: null, stops: null }));
    expect([blind.show, blind.close]).toEqual([[], []]);
    expect(planNotices(blind.memory, input({ requests: [request("a")] })).show).toEqual([]);
  });

  it("closes all of them once somebody looks at the queue, in whichever tab", () => {
    const { memory } = planNotices(OPENED, input({ requests: [request("a"), request("b")] }));
    const looked = planNotices(
      memory,
      input({ requests: [request("a"), request("b")], inView: { ...LOOKED_AT_NOTHING, requests: true } }),
    );
    expect(looked.close).toEqual(["a", "b"]);
  });

  it("[A4] [A6] draws many together into one, whose count stays true until nothing waits", () => {
    const many = Array.from({ length: 12 }, (_, at) => request(`r${at}`));
    const few = planNotices(OPENED, input({ requests: many.slice(0, MAX_SINGLE) }));
    expect(tagsOf(few)).toEqual(["r0", "r1", "r2"]);
    const flood = planNotices(few.memory, input({ requests: many }));
    expect([flood.close, tagsOf(flood)]).toEqual([["r0", "r1", "r2"], [SUMMARY_TAG]]);
    const less = planNotices(flood.memory, input({ requests: many.slice(5) }));
    expect(less.show).toMatchObject([{ about: { requests: many.slice(5) }, alerts: false }]);
    expect(planNotices(less.memory, input()).close).toEqual([SUMMARY_TAG]);
  });

  it("[A1] in a flood alerts no more often than every ten seconds, except of what is more urgent", () => {
    const many = Array.from({ length: 8 }, (_, at) => request(`r${at}`));
    const flood = planNotices(OPENED, input({ requests: many.slice(0, 5) }));
    const soon = planNotices(flood.memory, input({ requests: many.slice(0, 6), nowMs: NOW + 1000 }));
    expect([soon.sound, soon.show[0]?.alerts]).toEqual([null, false]);
    const grave = [...many.slice(0, 6), request("x", { consequence: "irreversible" })];
    const urgent = planNotices(soon.memory, input({ requests: grave, nowMs: NOW + 2000 }));
    expect([urgent.sound, urgent.show[0]?.alerts]).toEqual(["high", true]);
    const late = planNotices(soon.memory, input({ requests: many, nowMs: NOW + QUIET_MS }));
    expect([late.sound, late.show[0]?.alerts]).toEqual(["normal", true]);
  });

  it("[A2] is more urgent when it cannot be undone or little time is left, and is told once more then", () => {
    expect(priorityOf(request("a"), NOW)).toBe("normal");
    expect(priorityOf(request("a", { consequence: "irreversible", deadlineMs: null }), NOW)).toBe("high");
    const { memory, wakeMs } = planNotices(OPENED, input({ requests: [request("a")] }));
    expect(wakeMs).toBe(NOW + 900_000 - SOON_MS);
    const near = planNotices(memory, input({ requests: [request("a")], nowMs: wakeMs ?? 0 }));
    expect(near.show).toMatchObject([{ tag: "a", priority: "high", alerts: true }]);
    expect(near.sound).toBe("high");
    const again = planNotices(near.memory, input({ requests: [request("a")], nowMs: (wakeMs ?? 0) + 60_000 }));
    expect(again.show).toEqual([]);
  });

  it("[A3] [A8] while muted is only a violated stop, without a sound; what still waits afterwards is told then", () => {
    const stops = [{ jti: "s", violated: 1, targets: 4 }];
    const requests = [request("a"), request("b")];
    const muted = planNotices(OPENED, input({ requests, stops, muted: true }));
    expect([tagsOf(muted), muted.sound]).toEqual([[stopTag("s")], null]);
    const after = planNotices(muted.memory, input({ requests: [request("b")], stops, nowMs: NOW + QUIET_MS }));
    expect([tagsOf(after), after.sound]).toEqual([["b"], "normal"]);
  });

  it("[S7] is every stop that agents act against, also from before, each on its own until it is released", () => {
    const stops = [
      { jti: "s", violated: 1, targets: 4 },
      { jti: "t", violated: 2, targets: 2 },
    ];
    const requests = Array.from({ length: 12 }, (_, at) => request(`r${at}`));
    const flood = planNotices(planNotices(NO_MEMORY, input()).memory, input({ requests, stops }));
    expect(tagsOf(flood)).toEqual([stopTag("s"), stopTag("t"), SUMMARY_TAG]);
    expect(flood.sound).toBe("stop");
    expect(tagsOf(planNotices(NO_MEMORY, input({ stops })))).toEqual([stopTag("s"), stopTag("t")]);
    expect(planNotices(flood.memory, input({ requests, stops: stops.slice(1) })).close).toEqual([stopTag("s")]);
    const worse = [{ jti: "t", violated: 3, targets: 3 }];
    expect(planNotices(flood.memory, input({ requests, stops: worse })).show[0]).toMatchObject({ alerts: true });
  });

  it("[J5] [A4] is an agent that becomes worse, a few at most, until it is as it should be, and not while it is looked at", () => {
    const agent = (name: string, state: AlarmingAgent["state"]): AlarmingAgent => ({ agent: name, name, state });
    const tags = (...names: string[]) => names.map(agentTag);
    const drifting = planNotices(OPENED, input({ agents: [agent("a", "drifting")] }));
    expect(drifting.show).toMatchObject([{ tag: agentTag("a"), priority: "normal", alerts: true }]);
    const worse = planNotices(drifting.memory, input({ agents: [agent("a", "nonconformant")], nowMs: NOW + QUIET_MS }));
    expect(worse.show).toMatchObject([{ priority: "high", alerts: true }]);
    expect(worse.sound).toBe("high");
    const shut = planNotices(worse.memory, input({ agents: [agent("a", "quarantined")] }));
    // What was done about it is told, and is no news.
    expect([shut.show.map(({ alerts }) => alerts), shut.sound]).toEqual([[false], null]);
    expect(planNotices(shut.memory, input({ agents: null })).close).toEqual([]);
    expect(planNotices(shut.memory, input()).close).toEqual(tags("a"));
    const many = ["a", "b", "c", "d", "e"].map((name) => agent(name, "stale"));
    expect(tagsOf(planNotices(OPENED, input({ agents: many })))).toEqual(tags("a", "b", "c"));
    expect(planNotices(NO_MEMORY, input({ agents: many })).show).toEqual([]);
    const seen = planNotices(OPENED, input({ agents: many, inView: { ...LOOKED_AT_NOTHING, agents: true } }));
    expect([seen.show, seen.sound]).toEqual([[], null]);
    const muted = planNotices(OPENED, input({ agents: many, muted: true }));
    expect(muted.show).toEqual([]);
    expect(tagsOf(planNotices(muted.memory, input({ agents: many })))).toEqual(tags("a", "b", "c"));
  });

  it("[COM-22] is put in other words, without alerting, when the key is locked", () => {
    const requests = [request("a")];
    const { memory } = planNotices(OPENED, input({ requests }));
    expect(planNotices(memory, input({ requests, discreet: true })).show).toMatchObject([{ tag: "a", alerts: false }]);
  });

  it("does not come back when somebody has put it away", () => {
    const requests = [request("a")];
    const gone = forgetNotice(planNotices(OPENED, input({ requests })).memory, "a");
    const plan = planNotices(gone, input({ requests, discreet: true }));
    expect([plan.show, plan.close]).toEqual([[], []]);
  });
});

/** One look: how what waits has changed, and how things stood. */
const LOOK = fc.record({
  arrive: fc.integer({ min: 0, max: 6 }),
  settle: fc.array(fc.nat({ max: 30 }), { maxLength: 6 }),
  irreversible: fc.boolean(),
  unread: fc.boolean(),
  leads: fc.boolean(),
  canShow: fc.boolean(),
  muted: fc.boolean(),
  inView: fc.boolean(),
  discreet: fc.boolean(),
  dismiss: fc.boolean(),
  afterMs: fc.integer({ min: 0, max: 400_000 }),
});

describe("any course of events", () => {
  it("[A4] leaves on the desktop what waits and is untold, one notice each or one for all, and alerts of each at most twice", () => {
    fc.assert(
      fc.property(fc.array(LOOK, { maxLength: 30 }), (looks) => {
        let memory: NotifyMemory = OPENED;
        let nowMs = NOW;
        let waiting: WaitingRequest[] = [];
        let born = 0;
        const desktop = new Set<string>();
        const alerts = new Map<string, number>();
        for (const look of looks) {
          nowMs += look.afterMs;
          waiting = waiting.filter((_, at) => !look.settle.includes(at));
          for (let n = 0; n < look.arrive; n += 1) {
            const consequence = look.irreversible ? "irreversible" : "none";
            waiting.push(request(`r${born}`, { consequence, deadlineMs: nowMs + 600_000 }));
            born += 1;
          }
          const requests = look.unread ? null : waiting;
          const inView = { ...LOOKED_AT_NOTHING, requests: look.inView };
          const plan = planNotices(memory, input({ ...look, requests, inView, nowMs }));
          for (const tag of plan.close) expect(desktop.delete(tag)).toBe(true);
          for (const notice of plan.show) {
            desktop.add(notice.tag);
            if (notice.alerts && notice.tag !== SUMMARY_TAG) {
              alerts.set(notice.tag, (alerts.get(notice.tag) ?? 0) + 1);
            }
          }
          memory = plan.memory;
          expect(desktop).toEqual(memory.open);
          expect(new Set(plan.show.map(({ tag }) => tag)).size).toBe(plan.show.length);
          if (look.muted) expect(plan.sound).toBeNull();
          if (requests !== null) {
            const ids = new Set(waiting.map((one) => one.request));
            const silent = !look.leads || !look.canShow || look.muted || look.inView;
            if (silent || ids.size === 0) expect(desktop.size).toBe(0);
            if (desktop.has(SUMMARY_TAG)) expect(desktop.size).toBe(1);
            else expect([...desktop].every((tag) => ids.has(tag))).toBe(true);
            expect(desktop.size).toBeLessThanOrEqual(MAX_SINGLE);
            // Nothing that waits is left untold, but for a mute.
            if (!look.muted) expect([...ids].every((id) => memory.requests?.has(id))).toBe(true);
          }
          if (look.dismiss) {
            const [tag] = desktop;
            if (tag !== undefined) {
              desktop.delete(tag);
              memory = forgetNotice(memory, tag);
            }
          }
        }
        for (const count of alerts.values()) expect(count).toBeLessThanOrEqual(2);
      }),
    );
  });
});
