/** How a caller spaces its retries; both in milliseconds. */
export interface RetrySpacing {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * CAS-7: how long to wait before retry number `attempt`, counted from 0. Full jitter: anything from nothing up to the
 * exponential bound, chosen by `random` (0 up to 1). `retryAfterMs` is waited for first, and the jitter comes on top, or
 * all who were told the same would come back together.
 */
export function retryDelayMs(
  { baseMs, capMs }: RetrySpacing,
  attempt: number,
  random: number,
  retryAfterMs: number = 0,
): number {
  return retryAfterMs + Math.floor(random * Math.min(capMs, baseMs * 2 ** attempt));
}
