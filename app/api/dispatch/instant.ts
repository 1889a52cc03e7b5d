import { err, ok, type Result } from "../../base/result.ts";
import type { Host } from "../../host/open-host.ts";
import { type Refusal, refusal } from "../../protocol/jose/refusal.ts";

interface Instant {
  readonly at: number;
  readonly receivedAt: number;
  readonly reach: number;
}

/** Which of the log's `size` entries is meant by a number or a time; the states of the past are got ready from then on. */
export async function instantOf(
  host: Host,
  size: number,
  { at, time }: { readonly at?: number | undefined; readonly time?: number | undefined } = {},
): Promise<Result<Instant, Refusal>> {
  const desk = await host.past.open();
  const meant = at ?? (time === undefined ? size : await desk.sizeAt(time));
  if (meant < 1) return err(refusal("at_before_log", "there is no state before the first entry"));
  if (meant > size) return err(refusal("at_beyond_log", `the log has ${size} entries, not ${meant}`));
  const receivedAt = await desk.receivedAt(meant - 1);
  if (receivedAt === null) return err(refusal("past_unreadable", `entry ${meant - 1} is not there`));
  desk.prepare();
  return ok({ at: meant, receivedAt, reach: desk.reach() });
}
