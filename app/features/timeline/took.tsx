import type { VerifyReport } from "../../api/contract/audit.ts";
import { formatCount, formatDuration } from "../../ui/duration.ts";
import { Identifier } from "../../ui/identifier.tsx";
import { Instant } from "../../ui/instant.tsx";

/** How much was verified, how long it took, when, and what came out as the root. */
export function Took({ report }: { readonly report: VerifyReport }) {
  return (
    <p className="pb-3 text-xs text-muted">
      {formatCount(report.size)} entries in {formatDuration(report.tookMs)}, <Instant epochMs={report.atMs} />, root{" "}
      <Identifier value={report.root} label="root" />
    </p>
  );
}
