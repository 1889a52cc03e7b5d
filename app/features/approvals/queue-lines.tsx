import { CHATTER } from "../../protocol/attention/limits.ts";
import { formatCount } from "../../ui/duration.ts";
import { KeyCap } from "../../ui/key-cap.tsx";
import { MarkIcon } from "../../ui/mark.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import type { QueueItem } from "./queue-model.ts";

export const GROUP_PX = 28;
export const MORE_PX = 32;

interface Placed<Kind extends QueueItem["kind"]> {
  readonly item: Extract<QueueItem, { kind: Kind }>;
  readonly top: number;
}

/** What the requests below it have in common: it is no choice of the list. */
export function GroupLine({ item: { group, by, chatter }, top }: Placed<"group">) {
  const count = formatCount(group.rows.length);
  const grave = group.rows.filter((row) => row.consequence === "irreversible").length;
  const rules = visibleText((group.rows[0]?.ruleIds ?? []).join(", "));
  return (
    <div
      role="presentation"
      style={{ height: GROUP_PX, transform: `translateY(${top}px)` }}
      className="absolute inset-x-0 top-0 flex items-center gap-2 border-b border-line bg-sunken px-3 text-xs text-muted"
    >
      <span className="shrink-0 font-medium text-ink">
        {by === "cause" ? `${count} of one cause` : `${count} alike`}
      </span>
      <span className="min-w-0 truncate">
        {chatter === 0 ? "" : `${CHATTER.count} or more within a minute, `}held by {rules}
      </span>
      {by === "cause" && grave > 0 ? (
        <span className="ml-auto inline-flex shrink-0 items-center gap-1 font-medium text-warning">
          <MarkIcon shape="diamond" tone="warning" size={10} />
          {formatCount(grave)} irreversible
        </span>
      ) : null}
    </div>
  );
}

/** Stands for those of a group that are folded away; a press or o opens them, and folds them again. */
export function MoreLine({ item: { count, isOpen }, top, onToggle }: Placed<"more"> & { onToggle(): void }) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list box has the keyboard, o opens the group of the open request
    // biome-ignore lint/a11y/useFocusableInteractive: options are pointed at by aria-activedescendant
    <div
      role="option"
      aria-selected={false}
      onClick={onToggle}
      style={{ height: MORE_PX, transform: `translateY(${top}px)` }}
      className="absolute inset-x-0 top-0 flex cursor-default items-center gap-2 border-b border-line border-l-3 border-l-transparent px-3 pl-8 text-xs hover:bg-sunken"
    >
      {isOpen ? `Fold ${formatCount(count)} away again` : `and ${formatCount(count)} more of these: show`}
      <span aria-hidden="true" className="ml-auto">
        <KeyCap>o</KeyCap>
      </span>
    </div>
  );
}
