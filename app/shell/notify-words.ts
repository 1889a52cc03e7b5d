import { assertNever } from "../base/assert.ts";
import { timeoutOutcome } from "../features/approvals/remaining.ts";
import { formatCount } from "../ui/duration.ts";
import { formatInstant } from "../ui/instant.tsx";
import { cutText, visibleText } from "../ui/visible-text.ts";
import type { AlarmingAgent } from "./notify-agents.ts";
import type { NoticeAbout, WaitingRequest } from "./notify-plan.ts";

export interface NoticeWords {
  readonly title: string;
  readonly body: string;
}

const CONSEQUENCES: Readonly<Record<WaitingRequest["consequence"], string>> = {
  irreversible: "An irreversible action waits for a decision",
  reversible: "A reversible action waits for a decision",
  none: "An action without consequence waits for a decision",
};

const CONDUCT: Readonly<Record<AlarmingAgent["state"], string>> = {
  nonconformant: "It did what its profile does not allow.",
  quarantined: "It is shut out. Only a person lets it out again.",
  drifting: "It behaves otherwise than its profile expects.",
  stale: "Nothing is known of it: its evidence stays away.",
};

/** UTF-16 units of the action's name, before and after its unseen characters are named. */
const ACTION_CUT = 48;
const VISIBLE_CUT = 120;

/**
 * The words of a notice are ours; of what agents and policies write only the action's name is in it, on one line, bounded,
 * with everything unseen made visible (F4). Deadlines are points in time, which stay true while the notice stands. A
 * `discreet` notice tells whoever sees the screen only that something waits.
 */
export function noticeWords(about: NoticeAbout, discreet: boolean, nowMs: number): NoticeWords {
  switch (about.kind) {
    case "request":
      return discreet
        ? { title: "A request waits", body: "Open the console to see it." }
        : requestWords(about.request, nowMs);
    case "summary":
      return discreet
        ? { title: waitWords(about.requests.length), body: "Open the console to see them." }
        : summaryWords(about.requests, nowMs);
    case "stop":
      return discreet
        ? { title: "A stop needs you now", body: "Open the console to see it." }
        : {
            title: (about.stop.silent ?? 0) > 0 ? "An order is not followed" : "VIOLATED: a stop was not obeyed",
            body: `${formatCount(about.stop.violated)} of ${agents(about.stop.targets)} acted after it${
              (about.stop.silent ?? 0) > 0 ? " or gave no answer and were isolated" : ""
            }.`,
          };
    case "agent":
      return discreet
        ? { title: "An agent needs you", body: "Open the console to see it." }
        : {
            title: `Agent ${boundedName(about.agent.name)} is ${about.agent.state}`,
            body: CONDUCT[about.agent.state],
          };
    default:
      return assertNever(about, "notice");
  }
}

function requestWords({ action, consequence, deadlineMs, onTimeout }: WaitingRequest, nowMs: number): NoticeWords {
  const by = deadlineMs === null ? "" : `\nAnswer by ${clock(deadlineMs, nowMs)}, else ${timeoutOutcome(onTimeout)}.`;
  return { title: CONSEQUENCES[consequence], body: `Action: ${boundedName(action)}${by}` };
}

function summaryWords(requests: readonly WaitingRequest[], nowMs: number): NoticeWords {
  const irreversible = requests.filter(({ consequence }) => consequence === "irreversible").length;
  const deadlines = requests.flatMap(({ deadlineMs }) => (deadlineMs === null ? [] : [deadlineMs]));
  const first = deadlines.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return {
    title: `${waitWords(requests.length)}${irreversible === 0 ? "" : `, ${formatCount(irreversible)} irreversible`}`,
    body: Number.isFinite(first) ? `The first must be answered by ${clock(first, nowMs)}.` : "None has a deadline.",
  };
}

/** `3 requests wait`. */
export const waitWords = (count: number): string =>
  count === 1 ? "1 request waits" : `${formatCount(count)} requests wait`;

/** A name from outside on one line, however much its hidden characters grow when they are named. */
export function boundedName(name: string): string {
  const cut = cutText(name, ACTION_CUT);
  const seen = cutText(visibleText(cut.head), VISIBLE_CUT);
  return seen.more + cut.more > 0 ? `${seen.head}…` : seen.head;
}

const agents = (count: number): string => `${formatCount(count)} ${count === 1 ? "agent" : "agents"}`;

/** Time and zone; with the date when it is not today. */
function clock(epochMs: number, nowMs: number): string {
  const whole = formatInstant(epochMs);
  return whole.slice(0, 10) === formatInstant(nowMs).slice(0, 10) ? whole.slice(11) : whole;
}
