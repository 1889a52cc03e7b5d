import { DRILL_AGAIN_DAYS } from "../../protocol/drill/drill-mark.ts";
import { isDrill } from "../../protocol/override/params.ts";
import type { OverrideState, State } from "../state.ts";

/** Means of control that are proven before they are relied upon (S12, C5). */
export const CONTROLS = ["stop", "release", "pause", "modify", "takeover"] as const;
export type Control = (typeof CONTROLS)[number];

export interface Proof {
  readonly control: Control;
  /** The newest proof in the log: when (epoch seconds), which entry, and of which kind; null where there is none. */
  readonly last: {
    readonly at: number;
    readonly seq: number;
    /** A passed drill, the release of a drill's stop, or a signal of the test mode that every target acknowledged (OVR-25). */
    readonly how: "drill" | "release" | "signal";
    readonly wid: string | null;
  } | null;
  readonly againDays: number;
  /** Epoch seconds from which it counts as not proven; null where it never was. */
  readonly dueAt: number | null;
  readonly overdue: boolean;
}

const DAY_S = 86_400;

/**
 * What the log proves of each control, and what is overdue (S12). The interval is the one signed with the newest drill that is
 * over and was not aborted; 7 days where there is none.
 */
export function provenControls(state: State, nowS: number): Proof[] {
  const drills = [...state.drills.values()].toSorted((a, b) => b.seq - a.seq);
  const againDays = drills.find(({ score }) => score !== null && score.result !== "aborted")?.againDays;
  const days = againDays ?? DRILL_AGAIN_DAYS;
  return CONTROLS.map((control) => {
    const last = lastProof(state, control);
    const dueAt = last === null ? null : last.at + days * DAY_S;
    return { control, last, againDays: days, dueAt, overdue: dueAt === null || dueAt <= nowS };
  });
}

function lastProof(state: State, control: Control): Proof["last"] {
  const proofs =
    control === "stop" ? passedDrills(state) : control === "release" ? releases(state) : signals(state, control);
  return proofs.reduce<Proof["last"]>(
    (newest, proof) => (newest !== null && newest.seq > proof.seq ? newest : proof),
    null,
  );
}

type Found = NonNullable<Proof["last"]>;

function passedDrills(state: State): Found[] {
  return [...state.drills.values()].flatMap(({ score, wid }) =>
    score?.result === "passed" ? [{ at: score.at, seq: score.seq, how: "drill" as const, wid }] : [],
  );
}

/** The stop of a drill that was released by an operator. */
function releases(state: State): Found[] {
  return [...state.drills.values()].flatMap(({ score, wid }) => {
    const ended = state.overrides.get(score?.command?.jti ?? "")?.released ?? null;
    return ended?.how === "released" ? [{ at: ended.at, seq: ended.seq, how: "release" as const, wid }] : [];
  });
}

/** Delivery and acknowledgement by everybody it was for: not its effect, which a signal of the test mode has not. */
function signals(state: State, control: Control): Found[] {
  return [...state.overrides.values()].flatMap((signal) => {
    const acknowledged = acknowledgedAt(signal);
    return isDrill(signal.claims) && signal.claims.action === control && acknowledged !== null
      ? [{ at: acknowledged, seq: signal.seq, how: "signal" as const, wid: null }]
      : [];
  });
}

function acknowledgedAt({ targets }: OverrideState): number | null {
  const times = [...targets.values()].map((target) => target.acknowledgedAt);
  return times.length === 0 || times.some((at) => at === null) ? null : Math.max(...times.map((at) => at ?? 0));
}
