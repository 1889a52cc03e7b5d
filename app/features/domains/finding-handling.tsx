import { useState } from "react";
import type { HandlingView } from "../../api/contract/domains.ts";
import { Button } from "../../ui/button.tsx";
import { type Fact, Facts } from "../../ui/definition-list.tsx";
import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Instant } from "../../ui/instant.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { nameOf } from "./crossing-list.tsx";
import { AssignDialog, type FindingRef, ResolveDialog } from "./finding-dialogs.tsx";

export interface FindingHandlingProps {
  readonly of: FindingRef;
  readonly handling: HandlingView;
}

/** Who looks after a finding, what became of it, and the two acts that say so. */
export function FindingHandling({ of, handling }: FindingHandlingProps) {
  const [open, setOpen] = useState<"assign" | "resolve" | null>(null);
  const close = (): void => setOpen(null);
  const facts = factsOf(handling);
  return (
    <div className="space-y-2">
      {facts.length === 0 ? <p className="text-muted">Nobody looks after it yet.</p> : <Facts items={facts} />}
      {handling.resolved === null ? (
        <div className="flex gap-2">
          <Button size="sm" writes onPress={() => setOpen("assign")}>
            {handling.assigned === null ? "Assign …" : "Assign to somebody else …"}
          </Button>
          <Button size="sm" writes onPress={() => setOpen("resolve")}>
            Resolve …
          </Button>
        </div>
      ) : null}
      {open === "assign" ? <AssignDialog of={of} onClose={close} /> : null}
      {open === "resolve" ? <ResolveDialog of={of} onClose={close} /> : null}
    </div>
  );
}

function factsOf({ flagged, assigned, resolved }: HandlingView): Fact[] {
  return [
    ...(flagged === null
      ? []
      : [
          {
            term: "Told in the log",
            value: (
              <>
                <code>{visibleText(flagged.code)}</code>, <Entry seq={flagged.seq} />
              </>
            ),
            hint: <Instant epochMs={flagged.at * 1000} full />,
          },
        ]),
    ...(assigned === null
      ? []
      : [
          {
            term: "Assigned to",
            value: (
              <>
                {visibleText(nameOf(assigned.to))}, by {visibleText(nameOf(assigned.by))}, <Entry seq={assigned.seq} />
              </>
            ),
            hint: assigned.note === null ? undefined : <UntrustedText text={assigned.note} />,
          },
        ]),
    ...(resolved === null
      ? []
      : [
          {
            term: "Resolved by",
            value: (
              <>
                {visibleText(nameOf(resolved.by))}, <Entry seq={resolved.seq} />
              </>
            ),
            hint: <UntrustedText text={resolved.reason} />,
          },
        ]),
  ];
}

function Entry({ seq }: { readonly seq: number }) {
  return (
    <GoLink to="/timeline" search={{ entry: seq }}>
      entry {formatCount(seq)}
    </GoLink>
  );
}
