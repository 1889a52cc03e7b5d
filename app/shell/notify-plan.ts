import type { GateRow } from "../api/contract/gate.ts";
import { type AlarmingAgent, isAgentTag, planAgents } from "./notify-agents.ts";
import type { Priority } from "./notify-settings.ts";

/** A request is as urgent as an irreversible one when less than this is left of its time, ms. */
export const SOON_MS = 120_000;
/** More single notices than this are drawn together into one (A4, A6). */
export const MAX_SINGLE = 3;
/** Within this after an alert, what is no more urgent than it changes what is shown without alerting again, ms (A1). */
export const QUIET_MS = 10_000;

export const SUMMARY_TAG = "signalbox-requests";
export const stopTag = (jti: string): string => `signalbox-stop-${jti}`;

/** A request that waits, as far as notices are concerned. */
export interface WaitingRequest extends Pick<GateRow, "request" | "action" | "consequence" | "onTimeout"> {
  /** Epoch ms by this page's clock; null where it has no deadline. */
  readonly deadlineMs: number | null;
}

/** A stop in force that agents have acted against. */
export interface ViolatedStop {
  readonly jti: string;
  /** Agents that acted after it, and those that are isolated because nothing was heard of them. */
  readonly violated: number;
  /** Of those, the ones of which nothing was heard. */
  readonly silent?: number;
  readonly targets: number;
}

export interface NotifyInput {
  /** What waits for a decision this operator can give (A10); null while it could not be read: then nothing is concluded. */
  readonly requests: readonly WaitingRequest[] | null;
  readonly stops: readonly ViolatedStop[] | null;
  /** Agents that do not behave as they are expected to, the worst first. */
  readonly agents: readonly AlarmingAgent[] | null;
  /** This tab is the one that notifies, and the others keep quiet. */
  readonly leads: boolean;
  /** Notifications are on and the browser allows them. */
  readonly canShow: boolean;
  readonly muted: boolean;
  /** Somebody is looking at the pane where it would be seen anyway, in whichever tab. */
  readonly inView: { readonly requests: boolean; readonly stops: boolean; readonly agents: boolean };
  /** The key is locked, or nobody is signed in: notices say that, not what. */
  readonly discreet: boolean;
  readonly nowMs: number;
}

/** What has been dealt with, and which notices are open; the tag of a single request's notice is its id. */
export interface NotifyMemory {
  readonly requests: ReadonlyMap<string, Priority> | null;
  /** Violations dealt with, by stop. */
  readonly stops: ReadonlyMap<string, number> | null;
  /** States dealt with, by agent. */
  readonly agents: ReadonlyMap<string, AlarmingAgent["state"]> | null;
  readonly open: ReadonlySet<string>;
  readonly discreet: boolean;
  readonly lastAlert: { readonly atMs: number; readonly priority: Priority } | null;
}

export const NO_MEMORY: NotifyMemory = {
  requests: null,
  stops: null,
  agents: null,
  open: new Set(),
  discreet: false,
  lastAlert: null,
};

export type NoticeAbout =
  | { readonly kind: "request"; readonly request: WaitingRequest }
  | { readonly kind: "summary"; readonly requests: readonly WaitingRequest[] }
  | { readonly kind: "stop"; readonly stop: ViolatedStop }
  | { readonly kind: "agent"; readonly agent: AlarmingAgent };

export interface PlannedNotice {
  readonly tag: string;
  readonly about: NoticeAbout;
  readonly priority: Priority;
  /** Comes up again where it is open already; otherwise only its words change. */
  readonly alerts: boolean;
}

export interface NotifyPlan {
  readonly memory: NotifyMemory;
  readonly close: readonly string[];
  readonly show: readonly PlannedNotice[];
  /** The one sound that is due, whether or not anything is shown. */
  readonly sound: Priority | null;
  /** When to look again although nothing has changed: epoch ms, or null. */
  readonly wakeMs: number | null;
}

const RANK: Readonly<Record<Priority, number>> = { normal: 0, high: 1, stop: 2 };

/** By consequence and time left. */
export function priorityOf({ consequence, deadlineMs }: WaitingRequest, nowMs: number): Priority {
  return consequence === "irreversible" || (deadlineMs !== null && deadlineMs - nowMs <= SOON_MS) ? "high" : "normal";
}

/** What to show, close and sound now, given what was dealt with before. */
export function planNotices(memory: NotifyMemory, input: NotifyInput): NotifyPlan {
  const stops = planStops(memory, input);
  const agents = planAgents(memory, input);
  const requests = planRequests(memory, input);
  const due = highest([...stops.fresh, ...agents.fresh, ...requests.fresh]);
  const quiet =
    memory.lastAlert !== null &&
    input.nowMs - memory.lastAlert.atMs < QUIET_MS &&
    (due === null || RANK[due] <= RANK[memory.lastAlert.priority]);
  const alert = input.leads && !quiet ? due : null;
  const open = new Set([...stops.open, ...agents.open, ...requests.open]);
  return {
    memory: {
      requests: requests.known,
      stops: stops.known,
      agents: agents.known,
      open,
      discreet: input.discreet,
      lastAlert: alert === null ? memory.lastAlert : { atMs: input.nowMs, priority: alert },
    },
    close: [...memory.open].filter((tag) => !open.has(tag)),
    // A single notice always comes up; in a flood the one notice does so no more often than the sound.
    show: [...stops.show, ...agents.show, ...requests.show].map((notice) =>
      notice.tag === SUMMARY_TAG && quiet ? { ...notice, alerts: false } : notice,
    ),
    sound: input.muted ? null : alert,
    wakeMs: requests.wakeMs,
  };
}

interface Part<Known> {
  readonly known: Known;
  readonly open: readonly string[];
  readonly show: readonly PlannedNotice[];
  /** Priorities of what is new and would be heard. */
  readonly fresh: readonly Priority[];
}

/** A violated stop is shown whatever is muted, each on its own, until it is released (A3). */
function planStops(memory: NotifyMemory, input: NotifyInput): Part<NotifyMemory["stops"]> {
  const { stops, leads, canShow, inView, discreet } = input;
  if (stops === null) return { known: memory.stops, open: openOf(memory, isStopTag), show: [], fresh: [] };
  const isNew = (stop: ViolatedStop): boolean => stop.violated > (memory.stops?.get(stop.jti) ?? 0);
  // What was violated before the page was opened is alarmed as well: nobody may have seen it.
  const fresh = inView.stops ? [] : stops.filter(isNew);
  const known = new Map(stops.map((stop) => [stop.jti, stop.violated]));
  if (!leads || !canShow || inView.stops) return { known, open: [], show: [], fresh: fresh.map(() => "stop" as const) };
  const reworded = memory.discreet !== discreet;
  const wasOpen = (stop: ViolatedStop): boolean => memory.open.has(stopTag(stop.jti));
  const shown = stops.filter((stop) => fresh.includes(stop) || wasOpen(stop));
  return {
    known,
    open: shown.map((stop) => stopTag(stop.jti)),
    show: shown
      .filter((stop) => fresh.includes(stop) || reworded)
      .map((stop) => ({
        tag: stopTag(stop.jti),
        about: { kind: "stop", stop },
        priority: "stop",
        alerts: fresh.includes(stop),
      })),
    fresh: fresh.map(() => "stop" as const),
  };
}

function planRequests(
  memory: NotifyMemory,
  input: NotifyInput,
): Part<NotifyMemory["requests"]> & { readonly wakeMs: number | null } {
  const { requests, leads, canShow, muted, inView, discreet, nowMs } = input;
  const before = memory.requests;
  if (requests === null) {
    return { known: before, open: openOf(memory, isRequestTag), show: [], fresh: [], wakeMs: null };
  }
  const now = new Map(requests.map((request) => [request.request, priorityOf(request, nowMs)]));
  const soon = requests.flatMap(({ deadlineMs }) => (deadlineMs === null ? [] : [deadlineMs - SOON_MS]));
  const wakeMs = soon.filter((atMs) => atMs > nowMs).reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const rest = { wakeMs: Number.isFinite(wakeMs) ? wakeMs : null };
  // What waited when the page was opened is in its title and its bell; news is what comes after.
  if (before === null || !leads || inView.requests) return { known: now, open: [], show: [], fresh: [], ...rest };
  if (muted) {
    // Not forgotten: what still waits when the mute ends is news then.
    const kept = new Map([...before].filter(([id]) => now.has(id)));
    return { known: kept, open: [], show: [], fresh: [], ...rest };
  }
  const fresh = requests.filter(({ request }) => {
    const [then, since] = [before.get(request), now.get(request)];
    return since !== undefined && (then === undefined || RANK[since] > RANK[then]);
  });
  const heard = fresh.map(({ request }) => now.get(request) ?? "normal");
  if (!canShow) return { known: now, open: [], show: [], fresh: heard, ...rest };
  const reworded = memory.discreet !== discreet;
  const shown = requests.filter((request) => fresh.includes(request) || memory.open.has(request.request));
  if (requests.length > 0 && (memory.open.has(SUMMARY_TAG) || shown.length > MAX_SINGLE)) {
    // One notice about everything that waits, so that its words are true however it came about.
    const changed = fresh.length > 0 || [...before.keys()].some((id) => !now.has(id)) || reworded;
    const summary: PlannedNotice = {
      tag: SUMMARY_TAG,
      about: { kind: "summary", requests },
      priority: highest([...now.values()]) ?? "normal",
      alerts: fresh.length > 0,
    };
    return { known: now, open: [SUMMARY_TAG], show: changed ? [summary] : [], fresh: heard, ...rest };
  }
  return {
    known: now,
    open: shown.map(({ request }) => request),
    show: shown
      .filter((request) => fresh.includes(request) || reworded)
      .map((request) => ({
        tag: request.request,
        about: { kind: "request", request },
        priority: now.get(request.request) ?? "normal",
        alerts: fresh.includes(request),
      })),
    fresh: heard,
    ...rest,
  };
}

/** The notice is gone, because somebody pressed it or put it away. */
export function forgetNotice(memory: NotifyMemory, tag: string): NotifyMemory {
  return { ...memory, open: new Set([...memory.open].filter((one) => one !== tag)) };
}

const isStopTag = (tag: string): boolean => tag.startsWith(stopTag(""));
const isRequestTag = (tag: string): boolean => !isStopTag(tag) && !isAgentTag(tag);
const openOf = (memory: NotifyMemory, test: (tag: string) => boolean): string[] => [...memory.open].filter(test);

function highest(priorities: readonly Priority[]): Priority | null {
  return priorities.reduce<Priority | null>(
    (best, one) => (best === null || RANK[one] > RANK[best] ? one : best),
    null,
  );
}
