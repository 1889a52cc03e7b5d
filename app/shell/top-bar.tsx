import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { CircleHelp, Search } from "lucide-react";
import { useMemo } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { KeyCap } from "../ui/key-cap.tsx";
import { Select } from "../ui/select.tsx";
import { cutText, shortenMiddle, visibleText } from "../ui/visible-text.ts";
import { DomainMenu } from "./domain-menu.tsx";
import { NotifyBell } from "./notify-bell.tsx";
import { OperatorMenu } from "./operator-menu.tsx";

export interface TopBarProps {
  onOpenPalette(): void;
  onOpenHelp(): void;
  onSignIn(): void;
}

/** Domain, workflow, commands, operator. The right end on a wide screen belongs to the stop control. */
export function TopBar({ onOpenPalette, onOpenHelp, onSignIn }: TopBarProps) {
  return (
    <header className="flex h-11 shrink-0 items-center gap-2 border-b border-line bg-panel px-2 md:gap-3 md:pr-66 md:pl-3">
      <span className="hidden font-semibold sm:inline">Signalbox</span>
      <DomainMenu />
      <WorkflowSwitcher />
      <div className="flex-1" />
      <span className="hidden md:inline">
        <Button onPress={onOpenPalette} variant="quiet">
          <Search aria-hidden="true" size={14} />
          <span className="text-muted">Find or do</span>
          <span aria-hidden="true">
            <KeyCap>Ctrl K</KeyCap>
          </span>
        </Button>
      </span>
      <span className="md:hidden">
        <IconButton label="Find or do" icon={Search} onPress={onOpenPalette} />
      </span>
      <NotifyBell />
      <IconButton label="Keys and help" icon={CircleHelp} shortcut="?" onPress={onOpenHelp} />
      <OperatorMenu onSignIn={onSignIn} />
    </header>
  );
}

const ALL = "all";

/** The workflow everything in view is about; it stays in the address, so that a link shows the same. */
function WorkflowSwitcher() {
  const { orpc } = useApi();
  const { data, isError } = useQuery(orpc.workflow.list.queryOptions());
  const { wid } = useSearch({ strict: false }) as { wid?: string };
  const navigate = useNavigate();
  const items = useMemo(() => {
    const known = (data?.workflows ?? []).toSorted((a, b) => b.startedAt - a.startedAt);
    const named = known.map((workflow) => ({
      id: workflow.wid,
      name: `${visibleText(cutText(workflow.run.name, 60).head)} · ${workflow.status} · ${shortenMiddle(workflow.wid)}`,
    }));
    const missing = wid !== undefined && !known.some((workflow) => workflow.wid === wid);
    // Unknown is what the list was read for and does not have; before that nothing is known of it.
    const unknown = data === undefined ? "" : "unknown · ";
    return [
      { id: ALL, name: allName(data?.workflows.length, isError) },
      ...named,
      ...(missing ? [{ id: wid, name: `${unknown}${visibleText(shortenMiddle(String(wid)))}` }] : []),
    ];
  }, [data, isError, wid]);
  return (
    <Select
      label="Workflow"
      hideLabel
      items={items}
      selectedKey={wid ?? ALL}
      onSelectionChange={(id) => {
        const search = (now: Record<string, unknown>): Record<string, unknown> => {
          const { wid: _left, ...rest } = now;
          return id === ALL ? rest : { ...rest, wid: id };
        };
        void navigate({ to: ".", search: search as never });
      }}
      className="w-64 max-w-80 shrink"
    />
  );
}

/** The choice of everything; a list that is not there never reads as an empty one (L2). */
function allName(count: number | undefined, isError: boolean): string {
  if (count === undefined) return isError ? "Workflows could not be read" : "Reading the workflows …";
  if (isError) return "All workflows (not current)";
  return count === 0 ? "No workflow yet" : "All workflows";
}
