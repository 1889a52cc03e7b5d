import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import type { Position } from "../../../api/contract/common.ts";
import type { GrantRow } from "../../../api/contract/policy.ts";
import { Button } from "../../../ui/button.tsx";
import { useNow } from "../../../ui/clock.ts";
import { formatCount } from "../../../ui/duration.ts";
import { Grid, GridCell, GridRow, rowAfterKey } from "../../../ui/grid.tsx";
import { Ago } from "../../../ui/instant.tsx";
import { Empty, Loading, ProblemNote, StaleNote } from "../../../ui/states.tsx";
import { useKeys } from "../../../ui/use-keys.ts";
import type { SearchProps } from "../policies-search.ts";
import { EndGrantDialog } from "./end-grant-dialog.tsx";
import { GrantFacts } from "./grant-facts.tsx";
import { grantStateAt, grantsByState } from "./grant-rows.ts";

/** Standing grants: what is allowed in advance, by whom, how much of it is left, and the way to end it (ACP-40, ACP-41). */
export function GrantsView({ search, setSearch }: SearchProps) {
  const { orpc } = useApi();
  const grants = useQuery(orpc.policy.grants.queryOptions());
  if (grants.data === undefined)
    return grants.isError ? (
      <div className="p-4">
        <ProblemNote problem={problemOf(grants.error)} onRetry={() => void grants.refetch()} />
      </div>
    ) : (
      <Loading what="the standing grants" />
    );
  return (
    <>
      {grants.isError ? <Old readAtMs={grants.dataUpdatedAt} /> : null}
      <Grants grants={grants.data.grants} position={grants.data.position} search={search} setSearch={setSearch} />
    </>
  );
}

const Old = ({ readAtMs }: { readonly readAtMs: number }) => <StaleNote ageMs={useNow() - readAtMs} />;

interface GrantsProps extends SearchProps {
  readonly grants: readonly GrantRow[];
  readonly position: Position;
}

function Grants({ grants, position, search, setSearch }: GrantsProps) {
  const nowS = Math.floor(useNow() / 1000);
  const { inForce, ended } = grantsByState(grants, nowS);
  const [isOpen, setOpen] = useState(() => ended.some(({ jti }) => jti === search.grant));
  const [ending, setEnding] = useState<GrantRow | null>(null);
  const shown = isOpen ? [...inForce, ...ended] : inForce;
  const at = shown.findIndex(({ jti }) => jti === search.grant);
  const select = (grant: GrantRow | undefined): void => {
    if (grant !== undefined) setSearch({ grant: grant.jti }, { replace: true });
  };
  const end = (grant: GrantRow | undefined): void => {
    if (grant !== undefined && grantStateAt(grant, nowS) === "in_force") setEnding(grant);
  };
  useKeys({
    j: () => select(shown[at + 1]),
    k: () => select(shown[at - 1]),
    x: (event) => {
      // Or the letter would be the first of the reason.
      event.preventDefault();
      end(shown[at]);
    },
  });
  const list = { nowS, selected: search.grant, onSelect: select, onEnd: end };
  return (
    <section
      aria-label="Standing grants"
      className="flex min-w-0 flex-col gap-3 p-3 md:min-h-0 md:flex-1 md:overflow-auto"
    >
      <header className="flex flex-col gap-1">
        <h2 className="text-base font-semibold">Standing grants</h2>
        <p className="max-w-prose text-muted">
          Leave that somebody gave in advance: one agent, one action, so many times, until a time. Nothing that cannot
          be undone, and nothing that several people must approve.
        </p>
      </header>
      {inForce.length === 0 ? (
        <Empty title="No standing grant is in force">
          <p>
            Somebody is asked about every action that a rule holds. A grant can be given from a request under Approvals,
            or from an action that is tried here under Policies.
          </p>
        </Empty>
      ) : (
        <GrantGrid label="In force" grants={inForce} {...list} />
      )}
      {ended.length === 0 ? null : (
        <>
          <div>
            <Button aria-expanded={isOpen} onPress={() => setOpen(!isOpen)}>
              {isOpen ? "Hide" : "Show"} {formatCount(ended.length)} ended
            </Button>
          </div>
          {isOpen ? <GrantGrid label="Ended" grants={ended} {...list} /> : null}
        </>
      )}
      <p className="border-t border-line pt-1 text-xs text-muted">
        Read from the log of {position.domain} at {formatCount(position.size)} entries, <Ago sinceMs={position.atMs} />
      </p>
      {ending === null ? null : <EndGrantDialog grant={ending} onClose={() => setEnding(null)} />}
    </section>
  );
}

interface GrantGridProps {
  readonly label: string;
  readonly grants: readonly GrantRow[];
  readonly nowS: number;
  readonly selected: string | undefined;
  onSelect(grant: GrantRow | undefined): void;
  onEnd(grant: GrantRow): void;
}

function GrantGrid({ label, grants, nowS, selected, onSelect, onEnd }: GrantGridProps) {
  const current = Math.max(
    0,
    grants.findIndex(({ jti }) => jti === selected),
  );
  return (
    <Grid
      aria-label={label}
      aria-rowcount={grants.length}
      className="border border-line"
      onKeyDown={(event) => {
        const to = rowAfterKey(event.key, current, grants.length);
        if (to === undefined || !(event.target instanceof HTMLElement) || event.target.role !== "row") return;
        event.preventDefault();
        onSelect(grants[to]);
        event.currentTarget.querySelectorAll<HTMLElement>("[aria-selected]")[to]?.focus();
      }}
    >
      {grants.map((grant, at) => (
        <Row
          key={grant.jti}
          grant={grant}
          at={at}
          nowS={nowS}
          isSelected={grant.jti === selected}
          isStop={at === current}
          onSelect={() => onSelect(grant)}
          onEnd={() => onEnd(grant)}
        />
      ))}
    </Grid>
  );
}

interface RowProps {
  readonly grant: GrantRow;
  readonly at: number;
  readonly nowS: number;
  readonly isSelected: boolean;
  /** The one row the Tab key stops at. */
  readonly isStop: boolean;
  onSelect(): void;
  onEnd(): void;
}

function Row({ grant, at, nowS, isSelected, isStop, onSelect, onEnd }: RowProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isSelected) row.current?.scrollIntoView({ block: "nearest" });
  }, [isSelected]);
  return (
    <GridRow
      ref={row}
      aria-rowindex={at + 1}
      aria-selected={isSelected}
      tabIndex={isStop ? 0 : -1}
      onClick={onSelect}
      className={`border-b border-line px-3 py-2 -outline-offset-2 last:border-b-0 ${isSelected ? "bg-accent-soft" : "hover:bg-sunken"}`}
    >
      <GridCell>
        <GrantFacts grant={grant} nowS={nowS} onEnd={onEnd} />
      </GridCell>
    </GridRow>
  );
}
