import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../../api/client/client.ts";
import type { FleetAgent } from "../../../api/contract/behavior.ts";
import { useSelfTests } from "../../../operator/self-test/use-self-test.ts";
import { Button } from "../../../ui/button.tsx";
import { useMinute } from "../../../ui/clock.ts";
import { formatCount } from "../../../ui/duration.ts";
import { useFrozen } from "../../../ui/frozen.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Ago } from "../../../ui/instant.tsx";
import { SearchField } from "../../../ui/search-field.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { Empty } from "../../../ui/states.tsx";
import { useKeys } from "../../../ui/use-keys.ts";
import { Answered } from "../answered.tsx";
import type { BehaviorSearch, SearchProps } from "../behavior-search.ts";
import { QuarantineDialog } from "../orders/quarantine-dialog.tsx";
import { STATE_LOOKS } from "../state-looks.ts";
import { shownAgents } from "./fleet-order.ts";
import { FleetTable } from "./fleet-table.tsx";
import { FleetTiles } from "./fleet-tiles.tsx";
import { ProofFilter } from "./proof-filter.tsx";
import { StateFilter } from "./state-filter.tsx";
import { tileProofs } from "./tile-proof.ts";

type Fleet = Awaited<ReturnType<SignalboxClient["behavior"]["fleet"]>>;

/** Every agent of this domain and where it stands: the one that is not as it should be is found at a glance (A9). */
export function FleetView(props: SearchProps) {
  const { orpc } = useApi();
  const query = useQuery(orpc.behavior.fleet.queryOptions());
  return (
    <Answered query={query} what="the fleet">
      {(fleet) => (fleet.agents.length === 0 ? <NoAgents /> : <Agents fleet={fleet} {...props} />)}
    </Answered>
  );
}

function Agents({ fleet, search, setSearch }: SearchProps & { readonly fleet: Fleet }) {
  const frozen = useFrozen();
  const [quarantined, setQuarantined] = useState<FleetAgent | null>(null);
  const { agents, position } = fleet;
  const selfTests = useSelfTests();
  const nowMs = useMinute();
  // What cannot be read is told as not known, never as proven; the fleet does not wait for it.
  const proofs = useMemo(() => tileProofs(selfTests.data?.agents ?? [], nowMs), [selfTests.data, nowMs]);
  const shown = shownAgents(agents, search, proofs);
  const isTable = search.as === "table";
  const set = (patch: Partial<BehaviorSearch>): void => setSearch(patch, { replace: true });
  const open = (agent: string): void => setSearch({ agent, as: undefined });
  const quarantine = (agent: FleetAgent): void => {
    if (frozen === null && agent.state !== "quarantined") setQuarantined(agent);
  };
  const turnOrder = (): void => set({ sort: search.sort === undefined ? "name" : undefined });
  const turnView = (): void => set({ as: isTable ? undefined : "table" });
  useKeys({ o: turnOrder, v: turnView });
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 pt-2">
        <StateFilter agents={agents} selected={search.state} onChange={(state) => set({ state })} />
        <ProofFilter agents={agents} proofs={proofs} selected={search.proof} onChange={(proof) => set({ proof })} />
        <div className="flex flex-wrap items-center gap-2">
          <SearchField
            label="Find an agent"
            value={search.q ?? ""}
            onChange={(q) => set({ q: q === "" ? undefined : q })}
            className="w-44"
            maxLength={200}
          />
          <Segmented
            label="In which order"
            selected={search.sort ?? "worst"}
            onChange={(sort) => set({ sort: sort === "name" ? "name" : undefined })}
            options={[
              { id: "worst", name: "Worst first" },
              { id: "name", name: "By name" },
            ]}
          />
          <Segmented
            label="As"
            selected={isTable ? "table" : "tiles"}
            onChange={(as) => set({ as: as === "table" ? "table" : undefined })}
            options={[
              { id: "tiles", name: "Tiles" },
              { id: "table", name: "Table" },
            ]}
          />
        </div>
      </div>
      {shown.length === 0 ? (
        <Empty
          title={
            search.state === undefined
              ? search.proof === undefined
                ? "No agent has that in its name"
                : "No agent here has such a self-test"
              : `No agent here is ${STATE_LOOKS[search.state].label}`
          }
        >
          <Button onPress={() => set({ state: undefined, proof: undefined, q: undefined })}>
            Show all {formatCount(agents.length)} agents
          </Button>
        </Empty>
      ) : isTable ? (
        <div className="py-2">
          <FleetTable agents={shown} proofs={proofs} onOpen={open} onQuarantine={quarantine} />
        </div>
      ) : (
        <FleetTiles agents={shown} proofs={proofs} onOpen={open} onQuarantine={quarantine} />
      )}
      <p className="text-xs text-muted">
        {formatCount(shown.length)} of {formatCount(agents.length)} agents; each with the time since its newest window
        ended. Read from the log of {position.domain} at {formatCount(position.size)} entries,{" "}
        <Ago sinceMs={position.atMs} />.
      </p>
      {quarantined === null ? null : <QuarantineDialog agent={quarantined} onClose={() => setQuarantined(null)} />}
    </>
  );
}

const NoAgents = () => (
  <Empty title="No agent was seen yet">
    <p>
      An agent stands here from the first workflow it takes part in. What it may be expected to do is a profile, which a
      duty manager signs under Profiles; each window of its conduct is then appraised against it.{" "}
      <GoLink to="/watch">Start a run in Watch</GoLink>.
    </p>
  </Empty>
);
