import { type DomainSetup, domainSetupSchema } from "../../../protocol/cascade/domain-setup.ts";

/** What happens to a call when as many run as may. */
export const BREACHES = [
  { id: "queue", name: "wait for their turn" },
  { id: "shed", name: "are refused" },
  { id: "isolate", name: "are refused, and its border is closed" },
] as const;
export type Breach = (typeof BREACHES)[number]["id"];

/** A failure domain as the form has it: numbers as they were typed. */
export interface OwnDomain {
  /** Tells the rows of the form apart. */
  readonly key: number;
  readonly name: string;
  /** Agents by their index in the run. */
  readonly agents: readonly number[];
  /** How many of its tasks may run at once; empty for no bound. */
  readonly most: string;
  readonly onBreach: Breach;
  /** How many may wait, and how long, seconds. */
  readonly queueMost: string;
  readonly waitS: string;
  /** Retries within 60 s in percent of first calls; empty for no bound. */
  readonly retries: string;
}

export function emptyDomain(key: number): OwnDomain {
  return {
    key,
    name: `domain-${key}`,
    agents: [],
    most: "",
    onBreach: "queue",
    queueMost: "20",
    waitS: "60",
    retries: "",
  };
}

/** What the policy says of it (CAS-6, CAS-7). */
export function setupOf(domain: OwnDomain, agents: readonly string[]): DomainSetup {
  const { name, most, onBreach, queueMost, waitS, retries } = domain;
  const members = domain.agents.flatMap((index) => agents[index] ?? []);
  if (most.trim() === "") return { domain_id: name, members };
  return {
    domain_id: name,
    members,
    bulkhead: {
      max_concurrency: Number(most),
      on_breach: onBreach,
      queue_max: onBreach === "queue" ? Number(queueMost) : 0,
      queue_timeout_ms: onBreach === "queue" ? Number(waitS) * 1000 : 60_000,
      ...(retries.trim() === "" ? {} : { budget: { retries_ratio: Number(retries) / 100 } }),
    },
  };
}

export interface DomainProblems {
  readonly name?: string;
  readonly agents?: string;
  readonly most?: string;
  readonly queueMost?: string;
  readonly waitS?: string;
  readonly retries?: string;
}

const whole = (text: string, least: number, most: number): boolean =>
  /^\d{1,9}$/.test(text.trim()) && Number(text) >= least && Number(text) <= most;

/** What is wrong with one domain among all of them, by field; nothing where it can be signed. */
export function domainProblems(domain: OwnDomain, all: readonly OwnDomain[]): DomainProblems {
  const named = domainSetupSchema.shape.domain_id.safeParse(domain.name);
  const taken = all.some((other) => other.key !== domain.key && other.name === domain.name);
  const name = taken
    ? "Another domain has this name."
    : named.success
      ? null
      : "Small letters, digits, dots and dashes.";
  const shared = all.some((other) => other.key < domain.key && other.agents.some((of) => domain.agents.includes(of)));
  const members =
    domain.agents.length === 0
      ? "Choose at least one agent."
      : shared
        ? "An agent is in an earlier domain already."
        : null;
  const bounded = domain.most.trim() !== "";
  const queued = bounded && domain.onBreach === "queue";
  return {
    ...(name === null ? {} : { name }),
    ...(members === null ? {} : { agents: members }),
    ...(bounded && !whole(domain.most, 1, 999_999_999) ? { most: "A whole number from 1." } : {}),
    ...(queued && !whole(domain.queueMost, 0, 999_999_999) ? { queueMost: "A whole number." } : {}),
    ...(queued && !whole(domain.waitS, 1, 86_400) ? { waitS: "From 1 to 86,400 seconds." } : {}),
    ...(bounded && domain.retries.trim() !== "" && !whole(domain.retries, 0, 100)
      ? { retries: "From 0 to 100 percent." }
      : {}),
  };
}

/** The first thing that keeps the domains from being signed, or null. */
export function domainsProblem(all: readonly OwnDomain[]): string | null {
  if (all.length === 0) return "Add a failure domain, or choose none.";
  for (const domain of all) {
    const [problem] = Object.values(domainProblems(domain, all));
    if (problem !== undefined) return `Failure domain “${domain.name}”: ${problem}`;
  }
  return null;
}
