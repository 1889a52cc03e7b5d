import type { CheckpointView } from "../../../api/contract/rollback.ts";
import { useNow } from "../../../ui/clock.ts";
import { formatDuration } from "../../../ui/duration.ts";
import { Mark } from "../../../ui/mark.tsx";

/** Less than this left is said aloud, s. */
const SOON_S = 300;

/** Until when a checkpoint may be used, counted on; one that is over says so by shape and word (CAS-21, L1). */
export function Usable({ checkpoint }: { readonly checkpoint: CheckpointView | undefined }) {
  const nowS = useNow() / 1000;
  if (checkpoint === undefined) return <span className="text-muted">checkpoint not listed</span>;
  const leftS = checkpoint.usableUntil - nowS;
  if (checkpoint.expired || leftS <= 0)
    return <Mark shape="cross" tone="warning" size={10} label="checkpoint is over: not used" />;
  if (leftS < SOON_S)
    return (
      <Mark shape="triangle" tone="warning" size={10} label={`checkpoint usable for ${formatDuration(leftS * 1000)}`} />
    );
  return <span className="text-muted">checkpoint usable for {formatDuration(leftS * 1000)}</span>;
}
