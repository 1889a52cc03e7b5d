/** When, within a lease, somebody is asked. All in epoch seconds. */
export interface LeaseTimes {
  /** From when on it may be renewed, and is asked for on screen. */
  readonly promptAt: number;
  /** From when on it is heard. */
  readonly soundAt: number;
  readonly until: number;
}

/** The prompt comes when between this much and this much of the lease is left. */
const PROMPT_LEFT = { least: 0.15, most: 0.4 };
const SOUND_LEFT = 0.1;

/**
 * Nobody can tell a prompt in advance, so that no rhythm of the hand answers it (L5): where it lies follows from the random
 * end of the lease's own id, which is new with each renewal. The same for everybody who reads the log.
 */
export function leaseTimes(lease: {
  readonly jti: string;
  readonly until: number;
  readonly durationS: number;
}): LeaseTimes {
  const draw = Number.parseInt(lease.jti.replaceAll("-", "").slice(-8), 16) / 2 ** 32;
  const left = PROMPT_LEFT.least + (PROMPT_LEFT.most - PROMPT_LEFT.least) * (Number.isNaN(draw) ? 0 : draw);
  return {
    promptAt: Math.floor(lease.until - lease.durationS * left),
    soundAt: Math.floor(lease.until - lease.durationS * SOUND_LEFT),
    until: lease.until,
  };
}
