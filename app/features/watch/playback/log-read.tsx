import { formatCount } from "../../../ui/duration.ts";
import { Ago } from "../../../ui/instant.tsx";
import { type LiveAnswer, useLive } from "../queries.ts";

type Position = LiveAnswer["position"];

/** Which state of the log a workflow's view was read from, and how long ago. */
export function LogRead({ wid, whole = false }: { readonly wid: string; readonly whole?: boolean }) {
  const position = useLive(wid, positionOf).data;
  return position === undefined ? null : <ReadAt position={position} whole={whole} />;
}

const positionOf = (live: LiveAnswer): Position => live.position;

/** The size of the log and the age of the read; `whole` names the log's domain as well. */
export function ReadAt({ position, whole = false }: { readonly position: Position; readonly whole?: boolean }) {
  const { domain, size, atMs } = position;
  return (
    <span
      title={`log of ${domain} at ${formatCount(size)} entries`}
      className={whole ? "" : "text-xs whitespace-nowrap text-muted"}
    >
      {whole ? `log of ${domain} at ${formatCount(size)} entries` : `log at ${formatCount(size)}`}, read{" "}
      <Ago sinceMs={atMs} />
    </span>
  );
}
