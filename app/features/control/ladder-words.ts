import type { OverrideSignal } from "../../api/contract/override.ts";
import { formatCount } from "../../ui/duration.ts";

type Ladder = OverrideSignal["ladder"];
type Rung = Ladder["rungs"][number]["rung"];

/** What a rung that was taken has done. */
export function rungWords(rung: Rung, action: string): string {
  switch (rung) {
    case "resend":
      return `the ${action} was sent again over every channel`;
    case "enforce":
      return "authority withdrawn at the enforcement point, breakers forced open";
    case "isolate":
      return "isolated: credential revoked, worker ended";
    case "alert":
      return "reported to people";
  }
}

const NEXT: Readonly<Record<Rung, string>> = {
  resend: "Sent again",
  enforce: "Authority withdrawn and breakers opened",
  isolate: "Isolated, with its credential revoked",
  alert: "Reported to people",
};

/** What comes next, and for how many. */
export function nextWords({ rung, agents }: NonNullable<Ladder["next"]>): string {
  return `${NEXT[rung]}, for ${formatCount(agents)} ${agents === 1 ? "agent" : "agents"},`;
}

/**
 * Whom the last rung was taken for and who is not where the signal wants them by what is known now, as the engine climbs: it went
 * on against the order, or neither its word nor any evidence says that it is there.
 */
export function lostNow({ action, ladder, targets }: Pick<OverrideSignal, "action" | "ladder" | "targets">): string[] {
  const told = new Set(ladder.rungs.flatMap(({ rung, agents }) => (rung === "alert" ? agents : [])));
  const isThere = ({ status, acknowledgedAtMs, verifiedAtMs, terminatedAtMs }: OverrideSignal["targets"][number]) =>
    status !== "violated" &&
    (acknowledgedAtMs !== null || verifiedAtMs !== null || (action === "stop" && terminatedAtMs !== null));
  const there = new Set(targets.filter(isThere).map(({ agent }) => agent));
  return [...told].filter((agent) => !there.has(agent));
}

const LISTED = 3;

/** For whom a rung was taken and why, by name: those that went on against the order, and those that said nothing. */
export function whomWords(
  { agents, violated }: Pick<Ladder["rungs"][number], "agents" | "violated">,
  targets: readonly Pick<OverrideSignal["targets"][number], "agent" | "name">[],
): string {
  const nameOf = (agent: string): string => targets.find((target) => target.agent === agent)?.name ?? agent;
  const list = (some: readonly string[], why: string): string[] => {
    if (some.length === 0) return [];
    const more = some.length > LISTED ? ` and ${formatCount(some.length - LISTED)} more` : "";
    return [`${some.slice(0, LISTED).map(nameOf).join(", ")}${more} ${why}`];
  };
  const silent = agents.filter((agent) => !violated.includes(agent));
  return [...list(violated, "went on against it"), ...list(silent, "had not acknowledged it")].join("; ");
}
