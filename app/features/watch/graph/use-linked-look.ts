import { useEffect } from "react";
import { formatViewport } from "./linked-viewport.ts";
import type { ViewportControl } from "./use-viewport.ts";
import type { LookStore } from "./viewport-store.ts";

/** Told only when the view has rested this long: a browser does not take a new address for every frame. */
const REST_MS = 400;

/**
 * Tells where the operator has come to look, and whether a link need not say it, because it leads to the whole graph by
 * itself; nothing while the link is followed.
 */
export function useLinkedLook(
  look: LookStore,
  control: ViewportControl,
  onLook: (vp: string, whole: boolean) => void,
): void {
  useEffect(() => {
    let rest: ReturnType<typeof setTimeout> | undefined;
    const tell = (): void => {
      const { viewport, size } = look.getState();
      const whole = control.showsAll();
      if (whole || !control.isUntouched()) onLook(formatViewport(viewport, size), whole && control.opensWhole());
    };
    const end = look.subscribe((now, last) => {
      if (now.viewport === last.viewport && now.size === last.size) return;
      clearTimeout(rest);
      rest = setTimeout(tell, REST_MS);
    });
    return () => {
      end();
      clearTimeout(rest);
    };
  }, [look, control, onLook]);
}
