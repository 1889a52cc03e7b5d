import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { CircleHelp, Monitor, Moon, Search, Sun, User } from "lucide-react";
import { useMemo } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { useOperator } from "../operator/operator-context.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Facts } from "../ui/definition-list.tsx";
import { Details } from "../ui/details.tsx";
import { Identifier } from "../ui/identifier.tsx";
import { Ago } from "../ui/instant.tsx";
import { KeyCap } from "../ui/key-cap.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { Select } from "../ui/select.tsx";
import { cutText, shortenMiddle, visibleText } from "../ui/visible-text.ts";
import { DomainMenu } from "./domain-menu.tsx";
import { setTheme, type Theme, useTheme } from "./theme.ts";

export interface TopBarProps {
  onOpenPalette(): void;
  onOpenHelp(): void;
  onSignIn(): void;
}

/** Domain, workflow, commands, operator. The right end on a wide screen belongs to the stop control. */
export function TopBar({ onOpenPalette, onOpenHelp, onSignIn }: TopBarProps) {
  return (
    <header className="flex h-11 shrink-0 items-center gap-2 border-b border-line bg-panel px-2 md:gap-3 md:pr-58 md:pl-3">
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

const THEMES: readonly { readonly id: Theme; readonly name: string; readonly Icon: typeof Sun }[] = [
  { id: "light", name: "Light", Icon: Sun },
  { id: "dark", name: "Dark", Icon: Moon },
  { id: "system", name: "As the system", Icon: Monitor },
];

function OperatorMenu({ onSignIn }: Pick<TopBarProps, "onSignIn">) {
  const { status, operator, authTime, detail } = useOperator();
  const theme = useTheme();
  const isLoading = status === "loading";
  const name =
    operator === null
      ? isLoading
        ? "reading the key …"
        : "not signed in"
      : visibleText(cutText(operator.name, 40).head);
  return (
    <Details
      label={`${name}, operator and appearance`}
      title="Operator"
      placement="bottom end"
      className="h-8 max-w-40 gap-1.5 rounded-md px-2"
      trigger={
        <>
          <User aria-hidden="true" size={16} strokeWidth={1.75} className="shrink-0" />
          <span className="hidden truncate md:inline">{name}</span>
        </>
      }
    >
      <div className="space-y-4">
        {operator === null ? (
          <div className="space-y-2">
            <p>
              {isLoading
                ? "Your key is being read. A stop held now is sent as soon as it is there."
                : status === "failed"
                  ? `This browser keeps no key: ${detail}`
                  : "Nobody is signed in: the stop is off."}
            </p>
            {status === "none" ? (
              <Button variant="primary" onPress={onSignIn}>
                Sign in
              </Button>
            ) : null}
          </div>
        ) : (
          <Facts
            items={[
              { term: "Name", value: name },
              { term: "Id", value: <Identifier value={operator.subject} label="operator id" whole /> },
              {
                term: "Key",
                value: <Identifier value={operator.kid} label="key id" />,
                hint: "cannot leave this browser",
              },
              { term: "Last act", value: <AuthAge authTime={authTime} /> },
            ]}
          />
        )}
        <div>
          <p className="mb-1 text-xs text-muted">Appearance</p>
          <Segmented
            label="Appearance"
            selected={theme}
            onChange={setTheme}
            options={THEMES.map(({ id, name: label, Icon }) => ({
              id,
              name: label,
              icon: <Icon aria-hidden="true" size={16} strokeWidth={1.75} />,
            }))}
          />
        </div>
      </div>
    </Details>
  );
}

function AuthAge({ authTime }: { readonly authTime: number }) {
  if (authTime === 0) return "none yet";
  return <Ago sinceMs={authTime * 1000} />;
}
