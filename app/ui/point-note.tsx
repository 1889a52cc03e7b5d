import { type ReactNode, useLayoutEffect, useRef } from "react";
import { createPortal } from "react-dom";

export interface PointNoteProps {
  /** The point it is about, px of the window. */
  readonly x: number;
  readonly y: number;
  readonly children: ReactNode;
}

const GAP_PX = 14;

/** A note beside a point of a drawing, kept within the window. It takes no pointer, and what it says is also found elsewhere. */
export function PointNote({ x, y, children }: PointNoteProps) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const { width, height } = element.getBoundingClientRect();
    const left = x + GAP_PX + width > window.innerWidth - 4 ? x - GAP_PX - width : x + GAP_PX;
    const top = y + GAP_PX + height > window.innerHeight - 4 ? y - GAP_PX - height : y + GAP_PX;
    element.style.left = `${Math.max(4, left)}px`;
    element.style.top = `${Math.max(4, top)}px`;
  });
  return createPortal(
    <div
      ref={box}
      role="tooltip"
      className="pointer-events-none fixed z-50 max-w-80 rounded-md border border-strong bg-raised px-2 py-1 text-xs text-ink shadow-overlay"
    >
      {children}
    </div>,
    document.body,
  );
}
