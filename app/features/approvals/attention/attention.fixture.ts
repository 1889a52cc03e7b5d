import type { SignalboxClient } from "../../../api/client/client.ts";
import { AGENT, REQUEST_A } from "../approvals.fixture.ts";
import { ALICE } from "../pane.fixture.tsx";
import type { Figures, Overview, People } from "./use-attention.ts";

/** 2026-02-26 00:00 UTC, epoch seconds. */
export const NOON = 1_772_064_000;
export const POLICY = "0195400c-0000-7000-8000-0000000000e1";
export const BEN = "spiffe://console.local/human/ben";

const share = (n: number, of: number) => ({
  ...{ n, of, rate: of < 20 ? null : n / of },
  ...{ low: Math.max(0, n / of - 0.1), high: Math.min(1, n / of + 0.1) },
});
const figures = (change: Partial<Figures> = {}): Figures => ({
  decisions: 60,
  approvals: share(57, 60),
  looks: 60,
  medianLookS: 12,
  medianWaitS: 40,
  leastReadingS: 5.5,
  tooFast: share(6, 60),
  readWhole: share(30, 40),
  batches: { known: 40, median: 1, largest: 14 },
  ...change,
});
const hour = (at: number, demands: number) => ({ at: NOON + at * 3600, demands, operators: 1 });
const demand = (about: string, seq: number) => ({
  ...{ kind: "request" as const, priority: "low" as const, at: NOON + 600, seq, about, agent: AGENT },
});

export const OVERVIEW: Overview = {
  position: { domain: "console.local", size: 900, root: "A".repeat(43), atMs: (NOON + 7200) * 1000 },
  ...{ from: NOON, to: NOON + 86_400, demands: 31 },
  hours: [hour(0, 22), hour(1, 3), hour(2, 6)],
  lastHour: { demands: 6, operators: 1, each: 6 },
  lastTenMinutes: { demands: 4, operators: 1, each: 4 },
  floods: [{ from: NOON + 600, to: NOON + 1500, demands: 18, first: demand("restart_router", 41) }],
  ...{ floodCount: 1, floodS: 900 },
  priorities: [
    { priority: "low", share: share(20, 40), aim: 0.8, isNear: false },
    { priority: "medium", share: share(18, 40), aim: 0.15, isNear: false },
    { priority: "high", share: share(2, 40), aim: 0.05, isNear: true },
  ],
  chatter: [{ demand: demand("poll_queue", 55), count: 9, from: NOON + 700, to: NOON + 730 }],
  ...{ chatterCount: 1, standing: 7, staleCount: 5 },
  stale: Array.from({ length: 5 }, (_, at) => ({
    ...{ kind: "finding" as const, id: `crossing ${at}`, about: "handoff_unanswered", agent: null },
    ...{ at: NOON - 90_000 - at, seq: 7 + at },
  })),
  shelf: [
    {
      ...{ request: REQUEST_A, action: "apply_change", agent: AGENT, by: BEN, reason: "The vendor answers at noon." },
      ...{ at: NOON, until: NOON + 3600, seq: 70 },
    },
  ],
  ...{ deferred: 0, waiting: 2, oldestS: 90, nextDeadlineS: 300 },
  answered: { settled: 62, p50S: 40, p95S: 300, expired: share(2, 62) },
  all: figures(),
  shift: [
    { hour: 1, decisions: 40, approvals: share(37, 40), medianLookS: 14, tooFast: share(1, 40) },
    { hour: 3, decisions: 20, approvals: share(20, 20), medianLookS: 2, tooFast: share(15, 20) },
  ],
  classes: [
    {
      ...figures({ decisions: 40, approvals: share(40, 40), medianLookS: 1, tooFast: share(38, 40) }),
      ...{ key: "mail", standing: "spiffe://console.local/agent/executor", agent: AGENT, action: "send_mail" },
      ...{ ruleIds: ["mail"], policy: POLICY, isProposed: true },
    },
    {
      ...figures({ decisions: 12, approvals: share(10, 12), looks: 0, medianLookS: null, tooFast: share(0, 0) }),
      ...{ key: "rare", standing: "spiffe://console.local/agent/executor", agent: AGENT, action: "rare_thing" },
      ...{ ruleIds: ["other"], policy: POLICY, isProposed: false },
    },
  ],
  classCount: 2,
};

const person = (who: string, ownTooFast: number | null) => ({
  ...figures(),
  ...{ who, ownTooFast, expectedTooFast: 0.1, shift: OVERVIEW.shift, hours: 3, demands: 31, demandsAnHour: 10.3 },
});

/** What the host tells somebody: theirs, or everybody's. */
export const peopleFor = (isAll: boolean): People => ({
  position: OVERVIEW.position,
  isAll,
  people: isAll ? [person(BEN, 0.21), person(ALICE, 0)] : [person(ALICE, 0)],
  peopleCount: isAll ? 2 : 1,
});

/** A client that answers for attention as well, and notes what it was asked. */
export function withAttention(client: SignalboxClient, isAll: boolean) {
  const asked: { hours: number; reader?: string }[] = [];
  const attention = {
    overview: async (input: { hours: number }) => {
      asked.push(input);
      return OVERVIEW;
    },
    people: async (input: { hours: number; reader: string }) => {
      asked.push(input);
      return peopleFor(isAll);
    },
  };
  // The client's type is a proxy's, which a plain object never is.
  return { client: { ...client, attention } as unknown as SignalboxClient, asked };
}
