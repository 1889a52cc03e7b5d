import type { OperatorSession } from "./session.ts";

/** What counts as somebody being there. */
const ACTS = ["pointerdown", "pointermove", "keydown", "wheel"] as const;
/** How often is looked; a hidden tab is looked at later, and at the moment it is shown again. */
const LOOK_MS = 5000;

export interface IdleLockPorts {
  readonly session: Pick<OperatorSession, "lock">;
  readonly page: Pick<EventTarget, "addEventListener" | "removeEventListener">;
  nowMs(): number;
  every(ms: number, run: () => void): () => void;
}

/** Locks this tab when nobody has acted in it for so long. A comfort, not a safety timer (L6): what agents do is held elsewhere. */
export function lockWhenIdle({ session, page, nowMs, every }: IdleLockPorts, afterMs: number): () => void {
  let lastMs = nowMs();
  const look = (): void => {
    if (nowMs() - lastMs >= afterMs) session.lock("here");
  };
  const act = (): void => {
    look();
    lastMs = nowMs();
  };
  for (const kind of ACTS) page.addEventListener(kind, act, { capture: true, passive: true });
  page.addEventListener("visibilitychange", look, { capture: true });
  const end = every(LOOK_MS, look);
  return () => {
    for (const kind of ACTS) page.removeEventListener(kind, act, { capture: true });
    page.removeEventListener("visibilitychange", look, { capture: true });
    end();
  };
}
