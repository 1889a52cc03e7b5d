import type { GateRow } from "../../api/contract/gate.ts";
import { LIMITS } from "../../protocol/attention/limits.ts";
import { Button } from "../../ui/button.tsx";
import { formatCount } from "../../ui/duration.ts";
import { Instant } from "../../ui/instant.tsx";
import { MarkIcon } from "../../ui/mark.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { shortName } from "./names.ts";
import { causeKey } from "./queue-crowd.ts";

export interface FloodBarProps {
  /** In the order they came. */
  readonly flood: readonly GateRow[];
  onOpen(request: string): void;
}

/** Above the queue while more came than one person can take in: how many, by how many causes, and which came first (A6). */
export function FloodBar({ flood, onOpen }: FloodBarProps) {
  const [first] = flood;
  if (first === undefined) return null;
  const causes = new Set(flood.map(causeKey)).size;
  const grave = flood.filter((row) => row.consequence === "irreversible").length;
  return (
    <section aria-label="Flood" className="flex flex-col gap-1 border-b border-line bg-sunken px-3 py-1.5 text-xs">
      <p role="status" className="flex items-start gap-1.5">
        <span className="pt-0.5">
          <MarkIcon shape="triangle" tone="warning" />
        </span>
        <span className="min-w-0">
          <span className="font-medium text-warning">More than {LIMITS.tenMinutes.flood} came within ten minutes.</span>{" "}
          {formatCount(flood.length)} wait, of {formatCount(causes)} {causes === 1 ? "cause" : "causes"}
          {grave === 0 ? "" : `; ${formatCount(grave)} cannot be undone`}.
        </span>
      </p>
      <p className="flex flex-wrap items-baseline gap-x-1.5">
        <span className="font-medium">Came first:</span>
        <bdi className="min-w-0 truncate font-mono">{visibleText(first.action)}</bdi>
        <span className="text-muted">
          by <bdi>{visibleText(shortName(first.agent))}</bdi>, <Instant epochMs={first.openedAt * 1000} />
        </span>
        <Button size="sm" variant="quiet" onPress={() => onOpen(first.request)}>
          Open it
        </Button>
      </p>
    </section>
  );
}
