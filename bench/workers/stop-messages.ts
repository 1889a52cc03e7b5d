/** What the page asks of the host's worker of the stop row; each is answered once, by its `id`. */
export type StopRequest =
  | {
      readonly t: "open";
      readonly profile: string;
      readonly runaway: boolean;
      readonly line: SharedArrayBuffer | null;
    }
  /** Something was taken back on the line; answered at once. */
  | { readonly t: "lowered" }
  /** Answered when this many agents work, and this many effects were let through, since the last time it was asked. */
  | { readonly t: "busy"; readonly agents: number; readonly effects: number }
  /** Answered when each target of the stop has acknowledged it or is gone. */
  | { readonly t: "settled"; readonly signal: string; readonly pressedMs: number; readonly barredMs: number }
  /** The floor of a termination: a worker that spins, ended without anything of ours around it. */
  | { readonly t: "terminate_raw" };

/** Ports are posted besides: `contract` serves it; `echo` and `relay` answer every message with an empty one. */
export type StopMessage =
  | { readonly t: "request"; readonly id: number; readonly request: StopRequest }
  | { readonly t: "port"; readonly kind: "contract" | "echo" | "relay" };

export type StopReply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly detail: string };

/** What became of one stop. Times are epoch ms with fractions, of the clock that the page reads too. */
export interface StopOutcome {
  /** The enforcement point refuses every effect from here on. */
  readonly latchedMs: number;
  /** The last effect let through after the press; null when none was. */
  readonly lastEffectMs: number | null;
  readonly effectsAfterPress: number;
  /** Let through after the stop was raised on the line. */
  readonly effectsAfterBar: number;
  /** Must be 0: an effect let through although the stop was latched. */
  readonly effectsAfterLatch: number;
  /** The last of the agents acknowledged, or was gone. */
  readonly settledMs: number;
  readonly targets: number;
  readonly terminated: number;
}
