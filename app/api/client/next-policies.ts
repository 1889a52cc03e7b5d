import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

/** Claims of policies with which a stopped workflow is to be started again, by its wid: written in one pane, signed in another. */
const next = createStore<{ readonly texts: Readonly<Record<string, string>> }>(() => ({ texts: {} }));

/** The JSON text of the claims, or null where the policy from before is used again. */
export function useNextPolicy(wid: string): string | null {
  return useStore(next, ({ texts }) => texts[wid] ?? null);
}

export function setNextPolicy(wid: string, text: string | null): void {
  const { [wid]: _before, ...others } = next.getState().texts;
  next.setState({ texts: text === null ? others : { ...others, [wid]: text } });
}
