import { createStore } from "zustand/vanilla";
import type { OverrideScope } from "../protocol/override/claims.ts";

/** The override whose control has the pointer or the focus: nothing has been pressed (N2). */
export interface OverridePreview {
  /** What it would do, as the control says it. */
  readonly words: string;
  readonly scopes: readonly OverrideScope[];
  /** Of an agent it reaches as well whoever that one has delegated to: a stop does (OVR-17). */
  readonly forwarded: boolean;
}

/** Set by the controls, wherever they stand; whoever draws agents lights what it would touch. A press never waits for it. */
export const overridePreview = createStore<{ readonly shown: OverridePreview | null }>(() => ({ shown: null }));

/** Shows what a control would touch; the function returned takes exactly that away again. */
export function previewOverride(shown: OverridePreview): () => void {
  overridePreview.setState({ shown });
  return () => {
    if (overridePreview.getState().shown === shown) overridePreview.setState({ shown: null });
  };
}
