import { lazy, Suspense } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

export type ToastTone = "neutral" | "notice" | "warning" | "critical";

export interface ToastContents {
  readonly title: string;
  readonly detail?: string;
  readonly tone: ToastTone;
}

const used = createStore<{ readonly used: boolean }>(() => ({ used: false }));
const load = () => import("./toast-region.tsx");
const ToastRegion = lazy(() => load().then((loaded) => ({ default: loaded.Region })));

/** Says that something happened; critical ones stay until closed. */
export function toast(contents: ToastContents): void {
  used.setState({ used: true });
  void load().then(({ showToast }) => showToast(contents));
}

/** Where toasts appear; mounted once, by the shell. Loaded with the first toast. */
export function Toasts() {
  const isUsed = useStore(used, (state) => state.used);
  return isUsed ? (
    <Suspense>
      <ToastRegion />
    </Suspense>
  ) : null;
}
