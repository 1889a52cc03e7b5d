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
import { toldHeight } from "./told-height.ts";

const LOOK: Record<ToastTone, { readonly shape: MarkShape; readonly tone: MarkTone; readonly border: string }> = {
  neutral: { shape: "dot", tone: "neutral", border: "border-strong" },
  notice: { shape: "diamond", tone: "notice", border: "border-notice" },
  warning: { shape: "triangle", tone: "warning", border: "border-warning" },
  critical: { shape: "cross", tone: "critical", border: "border-critical" },
};

export const queue = new ToastQueue<ToastContents>({ maxVisibleToasts: 4 });

const tellHeight = toldHeight("--toasts");

export function Region() {
  return (
    <ToastRegion
      queue={queue}
      ref={tellHeight}
      aria-label="Notices"
      // Not at the lower edge, over the buttons of a decision, nor over the stop or its note.
      className="fixed top-(--notes-top) right-2 bottom-(--notes-bottom) left-2 z-50 my-(--stop-note) flex flex-col gap-2 pb-2 md:right-auto md:left-1/2 md:w-96 md:-translate-x-1/2"
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
