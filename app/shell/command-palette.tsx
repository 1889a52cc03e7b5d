import { Autocomplete } from "react-aria-components/Autocomplete";
import { Header } from "react-aria-components/Header";
import { Input } from "react-aria-components/Input";
import { ListBox, ListBoxItem, ListBoxSection } from "react-aria-components/ListBox";
import { SearchField } from "react-aria-components/SearchField";
import { Dialog } from "../ui/dialog.tsx";
import { FIELD_CLASS } from "../ui/field-classes.ts";
import { KeyCap } from "../ui/key-cap.tsx";
import { useCommandGroups } from "./command-groups.ts";
import { closeOverlay } from "./overlays.ts";

/** Everything by name: views, what waits, the re-enactment, the log, workflows, stored runs, stops. */
export function CommandPalette() {
  const { groups, unread } = useCommandGroups();
  return (
    <Dialog title="Find or do" isOpen onOpenChange={() => closeOverlay("palette")}>
      <Autocomplete filter={contains}>
        <SearchField aria-label="Find or do" autoFocus>
          <Input placeholder="A view, a workflow, a run, an action" className={`${FIELD_CLASS} h-9`} />
        </SearchField>
        {/* The search field keeps the focus; who scrolls by keyboard alone can reach the list as well. */}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard */}
        <div className="mt-3 max-h-[50vh] overflow-auto -outline-offset-2" tabIndex={0}>
          <ListBox
            aria-label="Results"
            className="outline-none"
            renderEmptyState={() => <p className="p-4 text-center text-muted">{nothingText(unread)}</p>}
          >
            {groups.map((group) => (
              <ListBoxSection key={group.title} id={group.title} className="mb-3">
                <Header className="px-2 py-1 text-xs font-semibold text-muted">{group.title}</Header>
                {group.commands.map((command) => (
                  <ListBoxItem
                    key={command.id}
                    id={command.id}
                    textValue={`${command.name} ${command.words ?? ""}`}
                    isDisabled={command.run === null}
                    onAction={() => {
                      if (command.staysOpen !== true) closeOverlay("palette");
                      command.run?.();
                    }}
                    className="flex cursor-default items-center gap-3 px-2 py-1.5 outline-none data-disabled:text-muted data-focused:bg-accent-soft"
                  >
                    <span className="min-w-0 flex-1 [overflow-wrap:anywhere] md:truncate">{command.name}</span>
                    {command.hint === undefined ? null : <span className="text-xs text-muted">{command.hint}</span>}
                    {command.keys?.split(" ").map((key) => (
                      <KeyCap key={key}>{key}</KeyCap>
                    ))}
                  </ListBoxItem>
                ))}
              </ListBoxSection>
            ))}
          </ListBox>
        </div>
      </Autocomplete>
    </Dialog>
  );
}

const fold = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** Every word of the query, in any order. */
function contains(text: string, query: string): boolean {
  const folded = fold(text);
  return fold(query)
    .split(/\s+/)
    .every((word) => folded.includes(word));
}

/** A list that was not read may have what is sought (L2). */
function nothingText(unread: readonly string[]): string {
  if (unread.length === 0) return "Nothing by that name.";
  return `Nothing by that name in what is read; not read: ${unread.join(", ")}.`;
}
