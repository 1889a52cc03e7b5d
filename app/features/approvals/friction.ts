import type { GateDetail } from "./gate-detail.ts";
import type { RequestFlag } from "./request-flags.ts";

/**
 * What an approval asks of the hand (F2): `none` a press or Enter; `key` one deliberate press; `hold` press and hold; `type`
 * the name of what is acted on, and the person authenticated once more. Medium risk begins at `hold` (F3).
 */
export type Friction = "none" | "key" | "hold" | "type";

export interface FrictionOf {
  readonly level: Friction;
  /** Why it is not less, in words; null where it is the least. */
  readonly why: string | null;
}

/** Whether a decision is signed only after its person was touched for exactly it (ACP-51): approving what cannot be undone. */
export const asksTouch = (outcome: string, consequence: GateDetail["row"]["consequence"]): boolean =>
  consequence === "irreversible" && (outcome === "approve" || outcome === "modify");

/** How long a hold is, ms; as long as the stop's of everything (S2). */
export const HOLD_MS = 800;
/** Tasks that follow, above which a reversible action is held. */
export const MANY_FOLLOW = 20;

export function frictionOf(row: GateDetail["row"], flags: readonly RequestFlag[]): FrictionOf {
  if (row.consequence === "irreversible") return { level: "type", why: "It cannot be undone." };
  const { blast } = row;
  if (flags.length > 0) return { level: "hold", why: "Something in it has to be read twice." };
  if (blast === null) return { level: "hold", why: "What follows is not known." };
  if (blast.irreversible > 0) return { level: "hold", why: "What follows includes actions that cannot be undone." };
  if (blast.tasks > MANY_FOLLOW) return { level: "hold", why: `More than ${MANY_FOLLOW} tasks follow.` };
  return { level: row.consequence === "none" ? "none" : "key", why: null };
}

/** Medium risk or above: Enter never approves there (F3). */
export const isMedium = (level: Friction): boolean => level === "hold" || level === "type";

/** Longest name somebody is asked to type. */
const TYPED_CHARACTERS = 40;
const TYPEABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

export interface TypedName {
  readonly what: "target" | "action" | "digest";
  readonly name: string;
}

/** What is typed to approve: the target, else the action, else the end of the digest, whichever can be typed as it is shown. */
export function typedName({ claims, argsHash }: GateDetail): TypedName {
  const { target, exec_act: action } = claims.task;
  if (target !== undefined && isTypeable(target)) return { what: "target", name: target };
  if (isTypeable(action)) return { what: "action", name: action };
  return { what: "digest", name: argsHash.slice(-8) };
}

const isTypeable = (text: string): boolean => text.length <= TYPED_CHARACTERS && TYPEABLE.test(text);
