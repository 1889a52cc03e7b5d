import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { Autocomplete } from "react-aria-components/Autocomplete";
import { Header } from "react-aria-components/Header";
import { Input } from "react-aria-components/Input";
import { ListBox, ListBoxItem, ListBoxSection } from "react-aria-components/ListBox";
import { SearchField } from "react-aria-components/SearchField";
import { useApi } from "../api/client/api-context.tsx";
import { useOperator } from "../operator/operator-context.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { FIELD_CLASS } from "../ui/field-classes.ts";
import { KeyCap } from "../ui/key-cap.tsx";
import { cutText, shortenMiddle, visibleText } from "../ui/visible-text.ts";
import { closeOverlay, openOverlay } from "./overlays.ts";
import { PANES } from "./panes.ts";
import { setTheme } from "./theme.ts";

interface Command {
  readonly id: string;
  readonly name: string;
  readonly hint?: string;
  readonly keys?: string;
  run(): void;
}

interface Group {
  readonly title: string;
  readonly commands: readonly Command[];
}

/** Everything by name: views, workflows, stored runs, actions. */
export function CommandPalette() {
  const groups = useGroups();
  return (
    <Dialog title="Find or do" isOpen onOpenChange={() => closeOverlay("palette")}>
      <Autocomplete filter={contains}>
        <SearchField aria-label="Find or do" autoFocus>
          <Input placeholder="A view, a workflow, a run, an action" className={`${FIELD_CLASS} h-9`} />
        </SearchField>
        <ListBox
          aria-label="Results"
          className="mt-3 max-h-[50vh] overflow-auto outline-none"
          renderEmptyState={() => <p className="p-4 text-center text-muted">Nothing by that name.</p>}
        >
          {groups.map((group) => (
            <ListBoxSection key={group.title} id={group.title} className="mb-3">
              <Header className="px-2 py-1 text-xs font-semibold text-muted">{group.title}</Header>
              {group.commands.map((command) => (
                <ListBoxItem
                  key={command.id}
                  id={command.id}
                  textValue={command.name}
                  onAction={() => {
                    closeOverlay("palette");
                    command.run();
                  }}
                  className="flex cursor-default items-center gap-3 px-2 py-1.5 outline-none data-focused:bg-accent-soft"
                >
                  <span className="min-w-0 flex-1 truncate">{command.name}</span>
                  {command.hint === undefined ? null : <span className="text-xs text-muted">{command.hint}</span>}
                  {command.keys?.split(" ").map((key) => (
                    <KeyCap key={key}>{key}</KeyCap>
                  ))}
                </ListBoxItem>
              ))}
            </ListBoxSection>
          ))}
        </ListBox>
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

function useGroups(): Group[] {
  const { orpc } = useApi();
  const navigate = useNavigate();
  const { wid } = useSearch({ strict: false }) as { wid?: string };
  const { status } = useOperator();
  const workflows = useQuery(orpc.workflow.list.queryOptions()).data?.workflows;
  const runs = useQuery(orpc.workflow.listRuns.queryOptions()).data?.runs;
  return useMemo(() => {
    const go = (to: string, search: Record<string, unknown>): void => void navigate({ to, search: search as never });
    const views = PANES.map((pane) => ({
      id: `view ${pane.id}`,
      name: `Go to ${pane.title}`,
      keys: `g ${pane.key}`,
      run: () => go(pane.path, wid === undefined ? {} : { wid }),
    }));
    const home = PANES[0]?.path ?? "/";
    const known = (workflows ?? []).map((workflow) => ({
      id: `workflow ${workflow.wid}`,
      name: `${visibleText(cutText(workflow.run.name, 80).head)} ${shortenMiddle(workflow.wid)}`,
      hint: workflow.status,
      run: () => go(home, { wid: workflow.wid }),
    }));
    const stored = (runs ?? []).map((run) => ({
      id: `run ${run.digest}`,
      name: visibleText(cutText(run.name, 80).head),
      hint: `${run.format} · ${run.tasks} tasks`,
      run: () => go(home, { run: run.digest }),
    }));
    const groups: Group[] = [
      { title: "Views", commands: views },
      { title: "Workflows", commands: known },
      { title: "Stored runs", commands: stored },
      { title: "Actions", commands: actionsOf(status === "none") },
    ];
    return groups.filter((group) => group.commands.length > 0);
  }, [navigate, wid, workflows, runs, status]);
}

function actionsOf(canSignIn: boolean): Command[] {
  return [
    ...(canSignIn ? [{ id: "sign-in", name: "Sign in", run: () => openOverlay("sign-in") }] : []),
    { id: "help", name: "Show keys and help", keys: "?", run: () => openOverlay("help") },
    { id: "light", name: "Appearance: light", run: () => setTheme("light") },
    { id: "dark", name: "Appearance: dark", run: () => setTheme("dark") },
    { id: "system", name: "Appearance: as the system", run: () => setTheme("system") },
  ];
}
