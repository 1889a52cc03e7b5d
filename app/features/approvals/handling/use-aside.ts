import { useMemo } from "react";
import type { GateRow } from "../../../api/contract/gate.ts";
import { useNow } from "../../../ui/clock.ts";
import { type Aside, asideOf } from "./aside.ts";

/** What is put away at the moment, by request; it comes back by itself. The same map until something changes. */
export function useAside(rows: readonly GateRow[], subject: string | null): ReadonlyMap<string, Aside> {
  const nowS = Math.floor(useNow() / 1000);
  const found = rows.flatMap((row): [string, Aside][] => {
    const kind = asideOf(row, subject, nowS);
    return kind === null ? [] : [[row.request, kind]];
  });
  const key = found.map((entry) => entry.join(" ")).join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what was found
  return useMemo(() => new Map(found), [key]);
}
