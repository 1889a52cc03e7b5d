import { X } from "lucide-react";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Text } from "react-aria-components/Text";
import {
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from "react-aria-components/Toast";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { formatCount } from "./duration.ts";
import { MarkIcon, type MarkShape, type MarkTone } from "./mark.tsx";
import type { ToastContents, ToastTone } from "./toast.tsx";

const LOOK: Record<ToastTone, { readonly shape: MarkShape; readonly tone: MarkTone; readonly className: string }> = {
  neutral: { shape: "dot", tone: "neutral", className: "border-strong bg-raised" },
  notice: { shape: "diamond", tone: "notice", className: "border-notice bg-notice-soft" },
  warning: { shape: "triangle", tone: "warning", className: "border-warning bg-warning-soft" },
  critical: { shape: "cross", tone: "critical", className: "border-critical bg-critical-soft" },
};

/** How long a notice stays that is not critical, ms; it waits while the pointer or the focus is on it. */
const PASSING_MS = 6000;

const queue = new ToastQueue<ToastContents>({ maxVisibleToasts: 1 });
/** Critical notices that nobody has closed yet. */
const kept = createStore<{ readonly count: number }>(() => ({ count: 0 }));
let passing: string | null = null;

/** One notice at a time, the newest: what passes by itself gives way to it, what is critical comes back after it. */
export function showToast(contents: ToastContents): void {
  if (passing !== null) queue.close(passing);
  passing = null;
  if (contents.tone !== "critical") {
    passing = queue.add(contents, { timeout: PASSING_MS });
    return;
  }
  kept.setState(({ count }) => ({ count: count + 1 }));
  queue.add(contents, { onClose: () => kept.setState(({ count }) => ({ count: count - 1 })) });
}

/** Closes all of them, for tests. */
export function clearToasts(): void {
  queue.clear();
  kept.setState({ count: 0 });
  passing = null;
}

/**
 * One line over the free part of the status bar, on a phone over the bar itself: it lies over no heading, no banner, no
 * dialog and no control of a pane, and moves nothing, so that no press meant for something else lands on it.
 */
export function Region() {
  return (
    <ToastRegion
      queue={queue}
      aria-label="Notices"
      className="fixed right-0 bottom-(--notice-bottom) left-0 z-50 flex justify-end outline-none md:right-20 md:left-auto md:max-w-[min(44rem,50vw)]"
    >
      {({ toast: shown }) => (
        <Toast
          toast={shown}
          className={`flex min-h-(--notice-height) w-full min-w-0 items-center gap-2 border px-2 text-xs shadow-overlay -outline-offset-2 ${LOOK[shown.content.tone].className}`}
        >
          <MarkIcon shape={LOOK[shown.content.tone].shape} tone={LOOK[shown.content.tone].tone} />
          <Words contents={shown.content} />
          <Others isCritical={shown.content.tone === "critical"} />
          <Button
            slot="close"
            aria-label="Close"
            className="flex h-6 w-6 shrink-0 items-center justify-center rounded-sm text-muted -outline-offset-2 data-hovered:bg-sunken"
          >
            <X aria-hidden="true" size={14} />
          </Button>
        </Toast>
      )}
    </ToastRegion>
  );
}

/** What it says, on the line as far as it fits; the rest of it on request, above the line. */
function Words({ contents }: { readonly contents: ToastContents }) {
  const [isCut, setCut] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const watchCut = (element: HTMLElement | null): (() => void) | undefined => {
    if (element === null) return undefined;
    const observer = new ResizeObserver(() =>
      setCut(element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight),
    );
    observer.observe(element);
    return () => observer.disconnect();
  };
  return (
    <>
      <ToastContent
        className={`min-w-0 flex-1 [overflow-wrap:anywhere] ${isOpen ? "max-h-[40dvh] overflow-auto py-1" : "max-sm:line-clamp-2 sm:truncate"}`}
        ref={isOpen ? null : watchCut}
      >
        <Text slot="title" className="font-semibold">
          {contents.title}
        </Text>
        {contents.detail === undefined ? null : (
          <>
            {" "}
            <Text slot="description" className="text-muted">
              {contents.detail}
            </Text>
          </>
        )}
      </ToastContent>
      {isCut || isOpen ? (
        <Button
          aria-expanded={isOpen}
          onPress={() => setOpen(!isOpen)}
          className="h-6 shrink-0 rounded-sm px-1 text-accent underline -outline-offset-2 data-hovered:bg-sunken"
        >
          {isOpen ? "Less" : "Read all"}
        </Button>
      ) : null}
    </>
  );
}

/** That closing this one brings up others. */
function Others({ isCritical }: { readonly isCritical: boolean }) {
  const others = useStore(kept, ({ count }) => count - (isCritical ? 1 : 0));
  return others <= 0 ? null : (
    <span className="shrink-0 font-semibold text-critical">{`${formatCount(others)} more`}</span>
  );
}
