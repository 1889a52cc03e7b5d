import { type ReactNode, useCallback, useEffect, useRef } from "react";
import { type OverridePreview, previewOverride } from "../../../operator/override-preview.ts";

/** Shows what the control inside would touch while it has the pointer or the focus (N2). The press goes by it untouched. */
export function HaloTrigger({
  preview,
  children,
}: {
  readonly preview: OverridePreview;
  readonly children: ReactNode;
}) {
  const hide = useRef<(() => void) | null>(null);
  const over = useRef({ pointer: false, focus: false });
  const latest = useRef(preview);
  latest.current = preview;
  const change = useCallback((how: "pointer" | "focus", on: boolean): void => {
    over.current[how] = on;
    const isOn = over.current.pointer || over.current.focus;
    hide.current?.();
    hide.current = isOn ? previewOverride(latest.current) : null;
  }, []);
  useEffect(() => {
    // What the control would do has changed under the pointer.
    if (hide.current === null) return;
    hide.current();
    hide.current = previewOverride(preview);
  }, [preview]);
  useEffect(() => () => hide.current?.(), []);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only looks on; the control inside is what is pressed
    <span
      className="contents"
      onPointerEnter={() => change("pointer", true)}
      onPointerLeave={() => change("pointer", false)}
      onFocus={() => change("focus", true)}
      onBlur={() => change("focus", false)}
    >
      {children}
    </span>
  );
}
