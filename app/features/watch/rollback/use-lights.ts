import { useEffect } from "react";
import { useStore } from "zustand";
import { overridePreview } from "../../../operator/override-preview.ts";
import type { HighlightStore } from "../graph/highlight.ts";

/** Lights tasks on the graph while the panel is open; the look at another order takes its place for as long as it lasts. */
export function useLights(highlight: HighlightStore, lights: Uint16Array | null): void {
  const isFree = useStore(overridePreview, ({ shown }) => shown === null);
  useEffect(() => {
    if (!isFree || lights === null) return;
    highlight.setState({ halo: lights });
    return () => highlight.setState({ halo: null });
  }, [highlight, isFree, lights]);
}
