import { createContext, useContext } from "react";

/** As of which entry the whole console is shown, in the address: how many entries there were with it. Absent for now. */
export const AS_OF = "asof";

/** What is shown stands still: it is of a moment that is over, where nothing can be done any more. */
export interface Frozen {
  /** The moment, epoch ms: what ages and what runs out are measured from it. */
  readonly nowMs: number;
  /** Why nothing can be done, as a sentence. */
  readonly why: string;
  /** What stays in every link out of it. */
  readonly search: Readonly<Record<string, number>>;
}

const FrozenContext = createContext<Frozen | null>(null);

export const FrozenProvider = FrozenContext.Provider;

/** Null where what is shown is of now. */
export function useFrozen(): Frozen | null {
  return useContext(FrozenContext);
}
