import { assertNever } from "../base/assert.ts";
import type { AlarmingAgent } from "./notify-agents.ts";
import {
  forgetNotice,
  NO_MEMORY,
  type NotifyInput,
  type NotifyMemory,
  type PlannedNotice,
  planNotices,
  type ViolatedStop,
  type WaitingRequest,
} from "./notify-plan.ts";
import type { NotifyPorts } from "./notify-ports.ts";
import { muteLeft, type NotifySettings } from "./notify-settings.ts";
import { noticeWords } from "./notify-words.ts";

/** What waits and what is wrong, as it was last read; null while it could not be. */
export interface NotifyFacts {
  readonly requests: readonly WaitingRequest[] | null;
  readonly stops: readonly ViolatedStop[] | null;
  readonly agents: readonly AlarmingAgent[] | null;
  readonly discreet: boolean;
}

export type NoticeTarget =
  | { readonly to: "/approvals"; readonly request?: string }
  | { readonly to: "/control"; readonly signal: string }
  | { readonly to: "/behavior"; readonly agent: string };

export interface NotifierPorts extends NotifyPorts {
  settings(): NotifySettings;
  nowMs(): number;
  /** Calls after so many ms, once; returns how not to. */
  after(ms: number, run: () => void): () => void;
  go(target: NoticeTarget): void;
}

export interface Notifier {
  update(facts: NotifyFacts): void;
  /** Something else has changed: settings, permission, where somebody looks. */
  look(): void;
  /** Closes what is open and does nothing any more. */
  end(): void;
}

/** What comes within this is looked at together, ms: change notices come about ten a second. */
const GATHER_MS = 300;
/** The longest a browser's timer is asked for, ms; further ahead is looked at again on the way. */
const LONGEST_WAIT_MS = 600_000;

/** Carries out what `planNotices` says, one look at a time, over the browser's notifications and sounds. */
export function createNotifier(ports: NotifierPorts): Notifier {
  const { notices, sounds, tabs } = ports;
  let memory: NotifyMemory = NO_MEMORY;
  let facts: NotifyFacts = { requests: null, stops: null, agents: null, discreet: true };
  let leads = false;
  let ended = false;
  let cancel: (() => void) | null = null;
  let dueMs = 0;
  let looking = false;
  let again = false;

  const soon = (ms: number): void => {
    const atMs = ports.nowMs() + ms;
    // A look that comes sooner sees this as well: put off again and again, it would never come in a flood.
    if (ended || (cancel !== null && dueMs <= atMs)) return;
    cancel?.();
    dueMs = atMs;
    cancel = ports.after(ms, () => void look());
  };
  const look = async (): Promise<void> => {
    cancel = null;
    if (looking) {
      again = true;
      return;
    }
    looking = true;
    try {
      const seen = await tabs.lookedAt();
      if (!ended) act({ requests: seen.has("approvals"), stops: seen.has("control"), agents: seen.has("behavior") });
    } finally {
      looking = false;
    }
    if (again) {
      again = false;
      soon(GATHER_MS);
    }
  };
  const act = (inView: NotifyInput["inView"]): void => {
    const { choice, mutedUntilMs, sounds: wanted } = ports.settings();
    const nowMs = ports.nowMs();
    const mutedMs = muteLeft(mutedUntilMs, nowMs);
    const plan = planNotices(memory, {
      ...facts,
      leads,
      canShow: choice === "on" && notices.permission() === "granted",
      muted: mutedMs > 0,
      inView,
      nowMs,
    });
    memory = plan.memory;
    for (const tag of plan.close) notices.close(tag);
    for (const notice of plan.show) show(notice, nowMs);
    if (plan.sound !== null && wanted[plan.sound]) sounds.play(plan.sound);
    const wakes = [...(plan.wakeMs === null ? [] : [plan.wakeMs - nowMs]), ...(mutedMs > 0 ? [mutedMs] : [])];
    // What is asked for meanwhile comes sooner, and then asks for this again.
    if (wakes.length > 0 && cancel === null) soon(Math.max(GATHER_MS, Math.min(LONGEST_WAIT_MS, ...wakes)));
  };
  const show = ({ tag, about, priority, alerts }: PlannedNotice, nowMs: number): void => {
    const forget = (): void => {
      memory = forgetNotice(memory, tag);
    };
    const taken = notices.show({
      tag,
      ...noticeWords(about, facts.discreet, nowMs),
      alerts,
      stays: priority === "stop",
      onPress: () => {
        forget();
        ports.go(targetOf(about));
      },
      onClose: forget,
    });
    if (!taken) forget();
  };

  const stepBack = tabs.lead(() => {
    leads = true;
    // A stop that is violated is shown by whichever tab notifies now, also if the one before has shown it.
    memory = { ...memory, stops: null };
    soon(0);
  });
  const unfollow = tabs.follow(() => soon(GATHER_MS));
  return {
    update: (next) => {
      facts = next;
      soon(GATHER_MS);
    },
    look: () => soon(0),
    end: () => {
      ended = true;
      cancel?.();
      unfollow();
      stepBack();
      for (const tag of memory.open) notices.close(tag);
    },
  };
}

function targetOf(about: PlannedNotice["about"]): NoticeTarget {
  switch (about.kind) {
    case "request":
      return { to: "/approvals", request: about.request.request };
    case "summary":
      return { to: "/approvals" };
    case "stop":
      return { to: "/control", signal: about.stop.jti };
    case "agent":
      return { to: "/behavior", agent: about.agent.agent };
    default:
      return assertNever(about, "notice");
  }
}
