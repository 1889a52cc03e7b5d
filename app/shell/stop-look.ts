import type { Connection } from "../api/client/connection.ts";
import type { OperatorState } from "../operator/session.ts";

/**
 * Whether a press would work. `armed`: now. `unanswered`: it is signed and sent again and again, but nothing answers at
 * the moment. `loading`: the key is still being read, and a press is kept until it is there. `unsigned`: nobody is signed in,
 * so there is nothing to sign with.
 */
export type Readiness = "armed" | "unanswered" | "loading" | "unsigned";

export function readinessOf(operator: OperatorState["status"], connection: Connection["state"]): Readiness {
  if (operator === "loading") return "loading";
  if (operator !== "ready") return "unsigned";
  return connection === "leader" || connection === "follower" ? "armed" : "unanswered";
}

export interface StopLook {
  readonly title: string;
  readonly hint: string;
  /** What it does, beyond its words. */
  readonly description: string;
  readonly className: string;
}

/** S11: red only where a press works now; otherwise another form, and words that name what to do instead. */
export const STOP_LOOKS: Record<Readiness, StopLook> = {
  armed: {
    title: "Stop",
    hint: "everything: hold 0.8 s",
    description: "Hold to stop everything: press and hold for 0.8 seconds, or hold Alt+Shift+X from anywhere",
    className: "border-stop-ring bg-stop text-on-stop",
  },
  unanswered: {
    title: "Stop",
    hint: "no answer; hold anyway",
    description: "The engine does not answer. Press and hold, and the stop is sent until it does",
    className: "border-dashed border-stop bg-panel text-critical",
  },
  loading: {
    title: "Stop",
    hint: "reading key; hold anyway",
    description: "Your key is being read. Press and hold, and the stop is sent as soon as the key is there",
    className: "border-dashed border-stop bg-panel text-critical",
  },
  unsigned: {
    title: "Stop is off",
    hint: "sign in first",
    description: "Nobody is signed in, so there is no key to sign a stop with. Opens the sign-in",
    className: "border-dashed border-strong bg-panel text-muted",
  },
};
