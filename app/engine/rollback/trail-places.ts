/** Where a task's trail is kept when it is not this domain's (CAS-36): by gateways, none of which follows from the log. */
export interface TrailPlace {
  /** Gateway of its domain. */
  readonly gateway: string;
  /** Gateways of the domains that what it did is handed over to. */
  readonly handedTo: readonly string[];
}
export type TrailPlaces = ReadonlyMap<string, TrailPlace>;
export const NO_TRAILS: TrailPlaces = new Map();
