import type { ReactNode } from "react";
import type { OverrideSignal } from "../../api/contract/override.ts";
import { formatCount } from "../../ui/duration.ts";
import { Segmented } from "../../ui/segmented.tsx";
import { passesFilter, type SignalsFilter } from "./signal-words.ts";

export interface SignalFilterProps {
  readonly signals: readonly OverrideSignal[];
  readonly only: SignalsFilter;
  onOnly(only: SignalsFilter): void;
  /** At the end of the row. */
  readonly children?: ReactNode;
}

const CHOICES = [
  { id: "force", name: "In force" },
  { id: "stop", name: "Stops" },
  { id: "pause", name: "Pauses" },
  { id: "modify", name: "Limits" },
  { id: "takeover", name: "Takeovers" },
] as const;

/** Which signals are listed, each choice with how many there are. */
export function SignalFilter({ signals, only, onOnly, children }: SignalFilterProps) {
  const count = (filter: SignalsFilter): string =>
    formatCount(signals.filter((signal) => passesFilter(signal, filter)).length);
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1.5">
      <Segmented
        label="Which signals"
        selected={only ?? "all"}
        onChange={(id) => onOnly(id === "all" ? undefined : id)}
        options={[
          { id: "all", name: `All ${count(undefined)}` },
          ...CHOICES.map(({ id, name }) => ({ id, name: `${name} ${count(id)}` })),
        ]}
      />
      {children}
    </div>
  );
}
