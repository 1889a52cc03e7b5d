import { useMemo } from "react";
import { Identifier } from "../../../ui/identifier.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { DiffTable } from "../diff-table.tsx";
import type { GateDetail } from "../gate-detail.ts";
import { diffLess } from "./less-diff.ts";

type Modified = NonNullable<GateDetail["modified"]>;

/** What may run in place of what was asked for: the difference, the limits that came with it, and the digest. */
export function ModifiedView({ asked, modified }: { readonly asked: string; readonly modified: Modified }) {
  const diff = useMemo(() => diffLess(asked, modified.canonicalArgs), [asked, modified.canonicalArgs]);
  const limits = Object.entries(modified.constraints);
  return (
    <section aria-label="What was approved instead" className="max-h-48 overflow-auto border border-line px-2 py-1">
      <DiffTable diff={diff} was="Asked" now="Approved" />
      {limits.length === 0 ? null : (
        <p className="text-xs">
          Besides, limited to{" "}
          <bdi className="font-mono">
            {visibleText(limits.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ")).slice(0, 400)}
          </bdi>
        </p>
      )}
      <p className="text-xs text-muted">
        SHA-256 <Identifier value={modified.argsHash} label="approved arguments digest" />
      </p>
    </section>
  );
}
