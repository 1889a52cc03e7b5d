import { Octagon } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { createPortal } from "react-dom";
import { useStore } from "zustand";
import { useApi, useConnection } from "../api/client/api-context.tsx";
import { must } from "../base/assert.ts";
import { useOperator, useOperatorSession } from "../operator/operator-context.tsx";
import { previewOverride } from "../operator/override-preview.ts";
import { stopSenderOf } from "../operator/use-override.ts";
import { readinessOf, STOP_LOOKS } from "./stop-look.ts";
import { StopNote, StopReport } from "./stop-report.tsx";
import { HOLD_MS, type Hold, useHold } from "./use-hold.ts";
import { useKeptPress } from "./use-kept-press.ts";

export interface StopControlProps {
  onOpenControl(): void;
  onSignIn(): void;
}

/**
 * Stops everything: always in the same place, in every view, above every dialog and outside the part of the page that a
 * failing view can take down (S1). Press and hold is its only guard (S2).
 */
export function StopControl({ onOpenControl, onSignIn }: StopControlProps) {
  const session = useOperatorSession();
  const { control, stopLine } = useApi();
  const { status, operator } = useOperator();
  const connection = useConnection();
  const readiness = readinessOf(status, connection.state);

  const sender = useMemo(
    () =>
      stopSenderOf(
        session,
        control,
        () => {
          const { domain } = must(session.store.getState().operator, "somebody is signed in when a stop is pressed");
          return { scope: { kind: "domain", id: domain }, reason: "emergency stop of everything" };
        },
        stopLine,
      ),
    [session, control, stopLine],
  );
  const delivery = useStore(sender.store);
  const [early, setEarly] = useFading(3000);
  const kept = useKeptPress(status, sender.press);
  const hold = useHold(
    readiness !== "unsigned",
    kept.press,
    useCallback(() => setEarly(true), [setEarly]),
  );

  // React Aria leaves elements marked like this usable while a modal is open, and does not close one when they are pressed.
  return createPortal(
    <div
      data-react-aria-top-layer="true"
      className="pointer-events-none fixed right-0 bottom-[calc(env(safe-area-inset-bottom)+2px)] left-0 z-[2147483000] flex flex-col-reverse items-center gap-2 md:top-1 md:right-2 md:bottom-auto md:left-auto md:flex-col md:items-end"
    >
      <StopButton
        readiness={readiness}
        isHolding={hold.isHolding}
        domain={readiness === "unsigned" ? null : (operator?.domain ?? null)}
        handlers={readiness === "unsigned" ? {} : hold.handlers}
        onClickWithoutHold={readiness === "unsigned" ? onSignIn : () => setEarly(true)}
      />
      {early && delivery.phase === "idle" ? (
        <StopNote>
          <p>
            Nothing was stopped. Hold for {HOLD_MS / 1000} s: the button, Space or Enter on it, or Alt+Shift+X from
            anywhere.
          </p>
        </StopNote>
      ) : kept.state !== "none" ? (
        <StopNote closeLabel="Close this note" onDismiss={kept.state === "lost" ? kept.dismiss : undefined}>
          {kept.state === "kept" ? (
            <p>Your key is being read. The stop is sent as soon as it is there.</p>
          ) : (
            <p className="font-semibold text-critical">Nothing was stopped: there is no key here. Sign in first.</p>
          )}
        </StopNote>
      ) : (
        <StopReport delivery={delivery} onDismiss={sender.dismiss} onOpenControl={onOpenControl} />
      )}
    </div>,
    document.body,
  );
}

interface StopButtonProps {
  readonly readiness: keyof typeof STOP_LOOKS;
  readonly isHolding: boolean;
  /** What a press would stop, lit wherever agents are drawn while the control has the pointer or the focus (N2). */
  readonly domain: string | null;
  readonly handlers: Partial<Hold["handlers"]>;
  /** Where there is nothing to hold; and a click of assistive technology, which cannot hold and is told how. */
  onClickWithoutHold(): void;
}

function StopButton({ readiness, isHolding, domain, handlers, onClickWithoutHold }: StopButtonProps) {
  const look = STOP_LOOKS[readiness];
  const [isLooked, setLooked] = useState(false);
  useEffect(() => {
    if (!isLooked || domain === null) return undefined;
    return previewOverride({ words: "Stop everything", scopes: [{ kind: "domain", id: domain }], forwarded: true });
  }, [isLooked, domain]);
  return (
    <button
      type="button"
      aria-keyshortcuts="Alt+Shift+X"
      title={look.description}
      {...handlers}
      onPointerEnter={() => setLooked(true)}
      onPointerLeave={() => setLooked(false)}
      onFocus={() => setLooked(true)}
      onBlur={() => {
        handlers.onBlur?.();
        setLooked(false);
      }}
      onClick={(event) => {
        if (readiness === "unsigned" || (event.detail === 0 && !isHolding)) onClickWithoutHold();
      }}
      className={`pointer-events-auto relative flex h-12 w-36 touch-none flex-col items-center justify-center overflow-hidden rounded-lg border-[3px] leading-none select-none focus-visible:outline-offset-2 md:h-9 md:w-60 md:flex-row md:gap-2 ${look.className}`}
    >
      {isHolding ? (
        <span aria-hidden="true" className="absolute inset-0 origin-left animate-hold bg-scrim motion-reduce:hidden" />
      ) : null}
      <span
        className={`relative flex items-center gap-1.5 text-base font-bold ${readiness === "unsigned" ? "" : "tracking-wide uppercase"}`}
      >
        {readiness === "unsigned" ? null : <Octagon aria-hidden="true" size={14} fill="currentColor" />}
        {look.title}
      </span>
      <span className="relative mt-0.5 text-center text-xs leading-3 md:mt-0 md:text-left">
        {isHolding ? "keep holding …" : look.hint}
      </span>
    </button>
  );
}

/** True for a while after it was set. */
function useFading(ms: number): readonly [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(false);
  useEffect(() => {
    if (!on) return;
    const timer = setTimeout(() => setOn(false), ms);
    return () => clearTimeout(timer);
  }, [on, ms]);
  return [on, setOn];
}
