import { Button } from "../ui/button.tsx";
import { Details } from "../ui/details.tsx";
import { formatCount } from "../ui/duration.ts";
import { Identifier } from "../ui/identifier.tsx";
import { Instant } from "../ui/instant.tsx";
import { Banner } from "./banner.tsx";
import { useHeadWatch, useHostStatus } from "./host-status.ts";
import type { HeadConflict } from "./pinned-head.ts";

const CONFLICTS: Record<HeadConflict["kind"], (conflict: HeadConflict) => string> = {
  shorter: ({ seen, size }) => `it had ${formatCount(seen.size)} entries, now ${formatCount(size)}.`,
  different: ({ size }) => `it has ${formatCount(size)} entries as before, but another root.`,
  rewritten: ({ seen }) => `its first ${formatCount(seen.size)} entries are others than they were.`,
};

/** What of the log is not as this browser saw it before, with what was seen, and leave to take it as it is. */
export function HeadConflictBanner({ conflict }: { readonly conflict: HeadConflict }) {
  const heads = useHeadWatch();
  const { data: status } = useHostStatus();
  return (
    <Banner
      shape="cross"
      action={
        <Details
          trigger={<span className="px-2 text-accent underline">What was seen</span>}
          title="The head seen before"
          placement="bottom end"
        >
          <div className="space-y-2">
            <p>
              Seen <Instant epochMs={conflict.seen.seenAtMs} full />: {formatCount(conflict.seen.size)} entries, root{" "}
              <Identifier value={conflict.seen.root} label="root" />
            </p>
            <p>
              Found: {formatCount(conflict.size)} entries, root <Identifier value={conflict.root} label="root" />
            </p>
            <p>
              A log only grows. This one lost entries or is another one: somebody may have changed what the browser
              stores. Keep an export of it before you go on.
            </p>
            <Button
              variant="danger"
              isDisabled={status === undefined}
              onPress={() => status !== undefined && heads.acceptNow(status.position)}
            >
              Accept the log as it is now
            </Button>
          </div>
        </Details>
      }
    >
      <strong>The log is not the one seen before:</strong> {CONFLICTS[conflict.kind](conflict)}
    </Banner>
  );
}
