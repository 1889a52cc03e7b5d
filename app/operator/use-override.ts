import { useCallback } from "react";
import { v4 } from "uuid";
import { useApi } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import { must } from "../base/assert.ts";
import type { OverrideScope } from "../protocol/override/claims.ts";
import type { StopLine } from "../protocol/override/stop-line.ts";
import { useOperatorSession } from "./operator-context.tsx";
import { stopClaims } from "./override-signal.ts";
import type { OperatorSession } from "./session.ts";
import { createStopSender, type StopSender } from "./stop-sender.ts";

/** What a stop is of, decided at the press: the reason is a short code in an emergency (OVR-24). */
export interface StopOrder {
  readonly scope: OverrideScope;
  readonly reason: string;
}

/**
 * A sender for one scope. A key that may stop is in memory, locked or not, so nothing is awaited. From the turn of the press
 * until it is answered the stop is raised on the line, where there is one (OVR-42).
 */
export function stopSenderOf(
  session: OperatorSession,
  control: SignalboxClient,
  order: () => StopOrder,
  line: StopLine | null = null,
): StopSender {
  let lower = (): void => undefined;
  let barred: { readonly jti: string; readonly order: StopOrder } | null = null;
  /** The jti that the signal will have, raised with its scope. */
  const bar = (): NonNullable<typeof barred> => {
    const pressed = { jti: v4(), order: order() };
    const lowerFormer = lower;
    lower = line?.raise({ jti: pressed.jti, scope: pressed.order.scope }) ?? lower;
    lowerFormer();
    return pressed;
  };
  const sender = createStopSender({
    bar: () => {
      // Nobody bars anything whose stop could not be signed.
      barred = session.store.getState().operator === null ? null : bar();
    },
    sign: () => {
      const operator = must(session.store.getState().operator, "somebody is signed in when a stop is pressed");
      // Until it is signed it is the same press, however often that is tried: its page stands aside for it once (OVR-44).
      const pressed = barred ?? bar();
      barred = pressed;
      const { jti, order: ordered } = pressed;
      const claims = {
        ...stopClaims({ ...ordered, operator, authTime: session.touch(), nowMs: Date.now() }),
        jti,
      };
      return session.sign("override+jwt", claims).then((token) => {
        if (barred === pressed) barred = null;
        return { token, jti };
      });
    },
    send: (token) => control.override.signal({ token }),
    nowMs: () => Date.now(),
    after: (delayMs, run) => {
      setTimeout(run, delayMs);
    },
  });
  sender.store.subscribe(({ phase }) => {
    if (phase !== "sending") lower();
  });
  return sender;
}

/**
 * Stops a scope at once, by one click: signs, sends on the control channel, and goes on sending until answered. The
 * returned sender tells how the sending went; whether agents obeyed is told by `override.list`.
 */
export function useStop(): (scope: OverrideScope, reason: string) => StopSender {
  const session = useOperatorSession();
  const { control, stopLine } = useApi();
  return useCallback(
    (scope, reason) => {
      const sender = stopSenderOf(session, control, () => ({ scope, reason }), stopLine);
      sender.press();
      return sender;
    },
    [session, control, stopLine],
  );
}
