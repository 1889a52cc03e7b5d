import { createStore } from "zustand/vanilla";

export type Overlay = "palette" | "help" | "sign-in" | "people" | "load-run" | "notifications";

/** What is open above the panes; the sign-in is asked for from outside the router as well. */
export const overlays = createStore<{ readonly open: Overlay | null }>(() => ({ open: null }));

export const openOverlay = (open: Overlay | null): void => overlays.setState({ open });

/** Closes this one; another that was opened meanwhile stays. */
export const closeOverlay = (overlay: Overlay): void => {
  if (overlays.getState().open === overlay) openOverlay(null);
};
