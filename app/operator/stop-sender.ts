import { createStore, type StoreApi } from "zustand/vanilla";
import { problemOf, type ShownProblem } from "../api/client/problem.ts";

/** How long to wait after a failed attempt, and how long for an answer before sending again. */
export const RETRY_MS = 250;
export const ANSWER_MS = 1000;
/** Signed anew when older than this: the delivery window of an emergency signal is 300 s. */
const TOKEN_AGE_MS = 240_000;

export interface StopAnswer {
  readonly jti: string;
  readonly latchedAtMs: number | null;
  readonly targets: number;
  readonly recorded: boolean;
}

/**
 * A stop on its way: `sending` until the enforcement point answered that it holds. `refused`: it answered no, and sending
 * the same again would not help. Never called stopped here: whether agents obey is told by `override.list`.
 */
export interface StopDelivery {
  readonly phase: "idle" | "sending" | "latched" | "refused";
  readonly pressedAtMs: number;
  readonly attempts: number;
  /** The last failed attempt, while it goes on trying. */
  readonly problem: ShownProblem | null;
  readonly answer: StopAnswer | null;
}

const IDLE: StopDelivery = { phase: "idle", pressedAtMs: 0, attempts: 0, problem: null, answer: null };

export interface SignedStop {
  readonly token: string;
  readonly jti: string;
}

export interface StopSenderPorts {
  /** Bars effects with what the press will sign, before anything else is done about it (OVR-45). */
  bar?(): void;
  sign(): Promise<SignedStop>;
  send(token: string): Promise<StopAnswer>;
  nowMs(): number;
  after(delayMs: number, run: () => void): void;
}

export interface StopSender {
  readonly store: StoreApi<StopDelivery>;
  press(): void;
  dismiss(): void;
}

/**
 * Sends a stop until it is answered: nothing is awaited before signing, the same token is sent again after a failure or
 * silence (a duplicate is harmless, OVR-20), and it does not give up by itself (Distribution: repeated until acknowledged).
 */
export function createStopSender(ports: StopSenderPorts): StopSender {
  const store = createStore<StopDelivery>(() => IDLE);
  let signed: (SignedStop & { readonly atMs: number }) | null = null;
  let run = 0;
  let latest = 0;

  const sending = (press: number): boolean => press === run && store.getState().phase === "sending";

  const attempt = async (press: number): Promise<void> => {
    if (!sending(press)) return;
    store.setState((now) => ({ attempts: now.attempts + 1 }));
    latest += 1;
    const mine = latest;
    let answered = false;
    // Silence is no answer: the next attempt starts while this one may still come back.
    ports.after(ANSWER_MS, () => {
      if (!answered) void attempt(press);
    });
    try {
      if (signed === null || ports.nowMs() - signed.atMs > TOKEN_AGE_MS) {
        signed = { ...(await ports.sign()), atMs: ports.nowMs() };
      }
      const answer = await answerOf(ports, signed);
      answered = true;
      if (sending(press)) store.setState({ phase: "latched", answer, problem: null });
    } catch (error) {
      answered = true;
      if (!sending(press)) return;
      const problem = problemOf(error);
      if (REFUSALS.test(problem.code)) store.setState({ phase: "refused", problem });
      else {
        store.setState({ problem });
        // An older attempt that fails late must not start a second chain of attempts.
        if (mine === latest) ports.after(RETRY_MS, () => void attempt(press));
      }
    }
  };

  return {
    store,
    press: () => {
      if (store.getState().phase === "sending") return;
      ports.bar?.();
      run += 1;
      signed = null;
      store.setState({ ...IDLE, phase: "sending", pressedAtMs: ports.nowMs() });
      void attempt(run);
    },
    dismiss: () => {
      if (store.getState().phase !== "sending") store.setState(IDLE);
    },
  };
}

/** The answer to one attempt. A token that was taken before, whose answer got lost, is in force (OVR-20). */
async function answerOf(ports: StopSenderPorts, { token, jti }: SignedStop): Promise<StopAnswer> {
  try {
    return await ports.send(token);
  } catch (error) {
    if (problemOf(error).code !== "token_replayed") throw error;
    return { jti, latchedAtMs: null, targets: 0, recorded: true };
  }
}

/** Codes that no repetition of the same signal changes. */
const REFUSALS = /^(token_|override_|jwk_)/;
