import { X } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { IconButton } from "./button.tsx";

const SIZES = { sm: "max-w-md", md: "max-w-xl", lg: "max-w-4xl" } as const;

export interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
  readonly size?: keyof typeof SIZES;
  /** False where a decision must be made first: no closing by Escape, by a press outside or by the cross. */
  readonly isDismissable?: boolean;
  /** Controls at the lower edge, always in view. */
  readonly footer?: ReactNode;
  readonly children: ReactNode;
}

/** What had the focus before the first of the dialogs that are open. */
let opener: HTMLElement | null = null;

function rememberOpener(): void {
  const { activeElement } = document;
  if (
    activeElement instanceof HTMLElement &&
    activeElement !== document.body &&
    !activeElement.closest("[data-dialog]")
  )
    opener = activeElement;
}

/** Where one dialog took the place of another, the focus would be lost with it: it goes back to what it came from. */
function FocusReturn() {
  useState(rememberOpener);
  useEffect(
    () => () => {
      // After the dialog's own attempt, which takes a frame.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          if (document.activeElement === document.body && !document.querySelector("[data-dialog]")) opener?.focus();
        }),
      );
    },
    [],
  );
  return null;
}

/** A modal dialog. The stop control stays above it and works (S1). */
export function Dialog({
  title,
  isOpen,
  onOpenChange,
  size = "md",
  isDismissable = true,
  footer,
  children,
}: DialogProps) {
  const box = useRef<HTMLElement>(null);
  // Where what had the focus is disabled or gone, keys would go to what lies below.
  useEffect(() => {
    if (!isOpen || isDismissable) return;
    const focused = document.activeElement;
    if (focused === null || focused === document.body || focused.matches(":disabled")) box.current?.focus();
  }, [isOpen, isDismissable]);
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      isDismissable={isDismissable}
      isKeyboardDismissDisabled={!isDismissable}
      data-dialog=""
      className="fixed inset-0 z-40 flex items-end justify-center bg-scrim pb-[var(--shell-bottom)] md:items-start md:px-4 md:pt-[10vh]"
    >
      <Modal
        className={`w-full ${SIZES[size]} max-h-[calc(100dvh-var(--shell-bottom)-max(3rem,0.5rem+var(--notes)))] flex flex-col overflow-hidden border border-strong bg-panel shadow-overlay md:max-h-[min(80vh,90vh-var(--shell-bottom)-0.5rem-var(--notes))]`}
      >
        <AriaDialog ref={box} className="flex min-h-0 flex-col outline-none">
          <FocusReturn />
          <header className="flex items-center gap-2 border-b border-line px-4 py-2">
            <Heading slot="title" className="min-w-0 flex-1 text-base font-semibold">
              {title}
            </Heading>
            {isDismissable ? <IconButton label="Close" icon={X} size="sm" onPress={() => onOpenChange(false)} /> : null}
          </header>
          <div className="min-h-0 flex-1 overflow-auto p-4">{children}</div>
          {footer === undefined ? null : (
            <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-4 py-3">{footer}</footer>
          )}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
