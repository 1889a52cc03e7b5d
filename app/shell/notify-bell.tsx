import { Bell, BellOff } from "lucide-react";
import { lazy, Suspense, useRef } from "react";
import { useStore } from "zustand";
import { useNow } from "../ui/clock.ts";
import { muteLeft, useNotifySettings } from "./notify-settings.ts";
import { countText, useWaitingCount } from "./notify-title.tsx";
import { closeOverlay, openOverlay, overlays } from "./overlays.ts";

const NotifyMenu = lazy(() => import("./notify-menu.tsx").then((loaded) => ({ default: loaded.NotifyMenu })));

/** How many requests wait, in every view; opens what waits and how one is told of it. */
export function NotifyBell() {
  const button = useRef<HTMLButtonElement>(null);
  const { count, isOld } = useWaitingCount();
  const isOpen = useStore(overlays, (state) => state.open === "notifications");
  const isMuted = muteLeft(useNotifySettings().mutedUntilMs, useNow()) > 0;
  const Icon = isMuted ? BellOff : Bell;
  const text = countText(count, isOld);
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-keyshortcuts="w"
        aria-label={`${text === "" ? "" : `${text} `}${wordsOf(count, isOld)}, notifications${isMuted ? " muted" : ""}`}
        title="What waits, and notifications (w)"
        onClick={() => (isOpen ? closeOverlay("notifications") : openOverlay("notifications"))}
        className="inline-flex h-8 min-w-8 shrink-0 items-center justify-center gap-1 rounded-md px-1.5 -outline-offset-2 hover:bg-sunken"
      >
        <Icon aria-hidden="true" size={16} strokeWidth={1.75} />
        {text === "" ? null : (
          <span className="min-w-4 rounded-full border border-notice bg-notice-soft px-1 text-center text-xs leading-3.5 font-semibold text-notice">
            {text}
          </span>
        )}
      </button>
      {isOpen ? (
        <Suspense>
          <NotifyMenu trigger={button} onClose={() => closeOverlay("notifications")} />
        </Suspense>
      ) : null}
    </>
  );
}

function wordsOf(count: number | null, isOld: boolean): string {
  if (count === null) return isOld ? "what waits could not be read" : "what waits is being read";
  if (isOld) return "waiting when it was last read";
  return count === 0 ? "nothing waits" : "waiting";
}
