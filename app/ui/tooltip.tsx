import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { KeyCap } from "./key-cap.tsx";

export type HintPlacement = "top" | "bottom" | "left" | "right";

export interface HintProps {
  readonly text: string;
  readonly shortcut?: string;
  readonly placement?: HintPlacement;
  /** One element. */
  readonly children: ReactNode;
}

const DELAY_MS = 500;
const GAP_PX = 6;

/** A tooltip on hover and keyboard focus; it repeats the name or adds its key, it never holds what is found nowhere else. */
export function Hint({ text, shortcut, placement = "bottom", children }: HintProps) {
  const anchor = useRef<HTMLSpanElement>(null);
  const [isOpen, setOpen] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const close = (): void => {
    clearTimeout(timer.current);
    setOpen(false);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only watches what happens to the one control inside */}
      <span
        ref={anchor}
        className="contents"
        onPointerEnter={(event) => {
          if (event.pointerType === "mouse") timer.current = setTimeout(() => setOpen(true), DELAY_MS);
        }}
        onPointerLeave={close}
        onPointerDown={close}
        onFocus={(event) => {
          if (event.target.matches(":focus-visible")) setOpen(true);
        }}
        onBlur={close}
        onKeyDown={(event) => {
          if (event.key === "Escape") close();
        }}
      >
        {children}
      </span>
      {isOpen ? <HintBox anchor={anchor} text={text} shortcut={shortcut} placement={placement} /> : null}
    </>
  );
}

interface HintBoxProps {
  readonly anchor: { readonly current: HTMLElement | null };
  readonly text: string;
  readonly shortcut: string | undefined;
  readonly placement: HintPlacement;
}

function HintBox({ anchor, text, shortcut, placement }: HintBoxProps) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const target = anchor.current?.firstElementChild?.getBoundingClientRect();
    if (target === undefined || box.current === null) return;
    const { width, height } = box.current.getBoundingClientRect();
    const { left, top } = place(target, width, height, placement);
    box.current.style.left = `${Math.max(4, Math.min(left, window.innerWidth - width - 4))}px`;
    box.current.style.top = `${Math.max(4, Math.min(top, window.innerHeight - height - 4))}px`;
  });
  return createPortal(
    <div
      ref={box}
      role="tooltip"
      className="pointer-events-none fixed z-50 flex max-w-72 items-center gap-2 rounded-md border border-strong bg-raised px-2 py-1 text-xs text-ink shadow-overlay"
    >
      {text}
      {shortcut === undefined ? null : <KeyCap>{shortcut}</KeyCap>}
    </div>,
    document.body,
  );
}

function place(
  target: DOMRect,
  width: number,
  height: number,
  placement: HintPlacement,
): { readonly left: number; readonly top: number } {
  const middle = target.left + target.width / 2 - width / 2;
  const centre = target.top + target.height / 2 - height / 2;
  switch (placement) {
    case "top":
      return { left: middle, top: target.top - height - GAP_PX };
    case "bottom":
      return { left: middle, top: target.bottom + GAP_PX };
    case "left":
      return { left: target.left - width - GAP_PX, top: centre };
    case "right":
      return { left: target.right + GAP_PX, top: centre };
  }
}
