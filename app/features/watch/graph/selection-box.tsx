import { type PointerEvent, type ReactNode, useRef, useState } from "react";

export interface SelectionBoxProps {
  /** The box that was drawn, px from the upper left corner of this element. */
  onBox(left: number, top: number, right: number, bottom: number): void;
  readonly children: ReactNode;
}

interface Drawn {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Shift and drag draws a box; everything else goes through to what is inside. */
export function SelectionBox({ onBox, children }: SelectionBoxProps) {
  const frame = useRef<HTMLDivElement | null>(null);
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const place = (event: PointerEvent): { x: number; y: number } => {
    const bounds = frame.current?.getBoundingClientRect();
    return { x: event.clientX - (bounds?.left ?? 0), y: event.clientY - (bounds?.top ?? 0) };
  };
  return (
    <div
      ref={frame}
      className="absolute inset-0"
      onPointerDownCapture={(event) => {
        if (!event.shiftKey || event.button !== 0) return;
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        const { x, y } = place(event);
        setDrawn({ x0: x, y0: y, x1: x, y1: y });
      }}
      // The graph pans on the mouse event that follows the pointer event.
      onMouseDownCapture={(event) => {
        if (event.shiftKey) event.stopPropagation();
      }}
      onPointerMove={(event) => {
        if (drawn === null) return;
        const { x, y } = place(event);
        setDrawn({ ...drawn, x1: x, y1: y });
      }}
      onPointerUp={() => {
        if (drawn === null) return;
        setDrawn(null);
        const { x0, y0, x1, y1 } = drawn;
        onBox(Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1));
      }}
      onPointerCancel={() => setDrawn(null)}
    >
      {children}
      {drawn === null ? null : (
        <div
          className="pointer-events-none absolute z-20 border border-accent bg-accent-soft/40"
          style={{
            left: Math.min(drawn.x0, drawn.x1),
            top: Math.min(drawn.y0, drawn.y1),
            width: Math.abs(drawn.x1 - drawn.x0),
            height: Math.abs(drawn.y1 - drawn.y0),
          }}
        />
      )}
    </div>
  );
}
