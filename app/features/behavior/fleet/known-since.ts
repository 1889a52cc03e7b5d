import type { FleetAgent } from "../../../api/contract/behavior.ts";

/**
 * How old what is known of an agent is: since its quarantine, else since the end of the window that was appraised last.
 * Epoch ms; null where nothing was appraised.
 */
export function knownSince({ quarantine, window }: Pick<FleetAgent, "quarantine" | "window">): number | null {
  const atS = quarantine?.at ?? window?.to ?? null;
  return atS === null ? null : atS * 1000;
}
