import { X } from "lucide-react";
import { Button } from "react-aria-components/Button";
import { Text } from "react-aria-components/Text";
import {
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from "react-aria-components/Toast";
import { MarkIcon, type MarkShape, type MarkTone } from "./mark.tsx";
import type { ToastContents, ToastTone } from "./toast.tsx";

const LOOK: Record<ToastTone, { readonly shape: MarkShape; readonly tone: MarkTone; readonly border: string }> = {
  neutral: { shape: "dot", tone: "neutral", border: "border-strong" },
  notice: { shape: "diamond", tone: "notice", border: "border-notice" },
  warning: { shape: "triangle", tone: "warning", border: "border-warning" },
  critical: { shape: "cross", tone: "critical", border: "border-critical" },
};

export const queue = new ToastQueue<ToastContents>({ maxVisibleToasts: 4 });

export function Region() {
  return (
    <ToastRegion
      queue={queue}
      aria-label="Notices"
      // Below the top bar: at the lower edge they would lie over the buttons of a decision, and beside it over the stop.
      className="fixed top-12 right-2 left-2 z-50 flex flex-col gap-2 md:right-auto md:left-1/2 md:w-96 md:-translate-x-1/2"
    >
      {({ toast: shown }) => {
        const look = LOOK[shown.content.tone];
        return (
          <Toast toast={shown} className={`flex gap-2 border ${look.border} bg-raised p-2 shadow-overlay`}>
            <span className="mt-1">
              <MarkIcon shape={look.shape} tone={look.tone} />
            </span>
            <ToastContent className="min-w-0 flex-1">
              <Text slot="title" className="block font-semibold">
                {shown.content.title}
              </Text>
              {shown.content.detail === undefined ? null : (
                <Text slot="description" className="block [overflow-wrap:anywhere] text-muted">
                  {shown.content.detail}
                </Text>
              )}
            </ToastContent>
            <Button
              slot="close"
              aria-label="Close"
              className="flex h-6 w-6 shrink-0 items-center justify-center rounded-sm text-muted data-hovered:bg-sunken"
            >
              <X aria-hidden="true" size={14} />
            </Button>
          </Toast>
        );
      }}
    </ToastRegion>
  );
}
