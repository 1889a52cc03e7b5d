import { err, ok, type Result } from "../../base/result.ts";
import { type Refusal, refusal } from "../jose/refusal.ts";
import type { FailureSignalClaims } from "./claims.ts";

/** Who speaks: about itself, about whom it calls, about whom it watches over, or as a person. */
export type SignalRelation = "self" | "caller" | "monitor" | "operator";

/** What the receiver knows of the fleet, never what the signal says of it. */
export interface SignalWorld {
  /** How `issuer`, another agent or a person, stands to `subject`; null for a stranger. */
  relationOf(issuer: string, subject: string): Exclude<SignalRelation, "self"> | null;
  /** Agents that call `subject`. */
  dependantsOf(subject: string): readonly string[];
}

/** Signals of the last 300 s by their subject. Plain data, never changed in place. */
export type SignalDesk = ReadonlyMap<string, readonly SeenSignal[]>;

export interface SeenSignal {
  readonly iss: string;
  readonly jti: string;
  readonly iat: number;
  /** When it came, by the receiver's clock. */
  readonly atMs: number;
  /** The set of its causes, in order. */
  readonly causes: string;
  /** It is an origin of severity 4 or 5: it asks for breakers to open. */
  readonly grave: boolean;
}

/** A signal about a dependant, to be issued by the receiver; it is no origin, so it opens nothing by itself. */
export type PropagatedSignal = Pick<
  FailureSignalClaims,
  "wid" | "subject" | "class" | "code" | "transient" | "severity" | "origin" | "cause" | "retry_after_s"
>;

export type SignalOutcome =
  /** Older than what the same issuer has said of the same cause. */
  | { readonly kind: "dropped" }
  /** A caller's word alone: opens the issuer's own breakers toward the subject and nobody else's (CAS-S1). */
  | { readonly kind: "unconfirmed"; readonly code: "failure_unconfirmed"; readonly opens: "issuer" }
  | {
      readonly kind: "accepted";
      readonly relation: SignalRelation;
      /** Whose breakers toward the subject trip. */
      readonly opens: "nobody" | "all_callers";
      /** The other caller's signal that made this one count. */
      readonly confirms: string | null;
      readonly propagate: readonly PropagatedSignal[];
    };

const MEMORY_MS = 300_000;
const SECOND_SOURCE_MS = 30_000;
const GRAVE = 4;
/** Of one issuer about one subject; only its own older ones are forgotten for new ones. */
const KEPT_PER_ISSUER = 16;

/**
 * C2 for a signal whose token was verified (at most 300 s old): refuses a stranger's (`failure_issuer_denied`).
 *
 * "The same cause" is taken per issuer [ours]: otherwise one caller could silence the others by a signal dated ahead.
 */
export function acceptSignal(
  desk: SignalDesk,
  claims: FailureSignalClaims,
  world: SignalWorld,
  atMs: number,
): Result<{ readonly desk: SignalDesk; readonly outcome: SignalOutcome }, Refusal> {
  const { iss, subject, jti, iat } = claims;
  const relation = iss === subject ? "self" : world.relationOf(iss, subject);
  if (relation === null)
    return err(refusal("failure_issuer_denied", "neither the agent, its caller, its monitor nor an operator", { jti }));
  const causes = [...new Set(claims.cause ?? [])].sort().join(" ");
  const held = (desk.get(subject) ?? []).filter((seen) => atMs - seen.atMs < MEMORY_MS);
  if (held.some((seen) => seen.iss === iss && seen.causes === causes && seen.iat > iat))
    return ok({ desk, outcome: { kind: "dropped" } });
  const grave = claims.origin && claims.severity >= GRAVE;
  const second = held.find((seen) => grave && seen.grave && seen.iss !== iss && atMs - seen.atMs <= SECOND_SOURCE_MS);
  const next = remember(desk, subject, held, { iss, jti, iat, atMs, causes, grave }, atMs);
  if (grave && relation === "caller" && second === undefined)
    return ok({ desk: next, outcome: { kind: "unconfirmed", code: "failure_unconfirmed", opens: "issuer" } });
  const outcome: SignalOutcome = {
    kind: "accepted",
    relation,
    opens: grave ? "all_callers" : "nobody",
    confirms: relation === "caller" ? (second?.jti ?? null) : null,
    propagate: claims.origin ? propagated(claims, world.dependantsOf(subject)) : [],
  };
  return ok({ desk: next, outcome });
}

function remember(
  desk: SignalDesk,
  subject: string,
  held: readonly SeenSignal[],
  seen: SeenSignal,
  atMs: number,
): SignalDesk {
  const own = held.filter(({ iss }) => iss === seen.iss);
  const dropped = new Set(own.slice(0, Math.max(0, own.length + 1 - KEPT_PER_ISSUER)));
  const next = new Map<string, readonly SeenSignal[]>();
  for (const [about, signals] of desk)
    if (about !== subject && signals.some((earlier) => atMs - earlier.atMs < MEMORY_MS)) next.set(about, signals);
  return next.set(subject, [...held.filter((earlier) => !dropped.has(earlier)), seen]);
}

function propagated(claims: FailureSignalClaims, dependants: readonly string[]): PropagatedSignal[] {
  return [...new Set(dependants)]
    .filter((dependant) => dependant !== claims.subject)
    .sort()
    .map((subject) => ({
      wid: claims.wid,
      subject,
      class: "dependency",
      code: claims.code,
      transient: claims.transient,
      severity: claims.severity,
      origin: false,
      cause: [claims.jti],
      ...(claims.retry_after_s === undefined ? {} : { retry_after_s: claims.retry_after_s }),
    }));
}
