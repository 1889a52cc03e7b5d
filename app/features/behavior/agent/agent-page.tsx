import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../../api/client/client.ts";
import type { BehaviorWindow } from "../../../api/contract/behavior.ts";
import { SelfTestPart } from "../../../operator/self-test/self-test-part.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { useFrozen } from "../../../ui/frozen.ts";
import { Ago } from "../../../ui/instant.tsx";
import { Section } from "../../../ui/section.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { useKeys } from "../../../ui/use-keys.ts";
import { Answered } from "../answered.tsx";
import type { BehaviorSearch, SearchProps } from "../behavior-search.ts";
import { QuarantineInForce } from "../orders/in-force.tsx";
import { QuarantineDialog } from "../orders/quarantine-dialog.tsx";
import { ReleaseDialog } from "../orders/release-dialog.tsx";
import { AgentHeader } from "./agent-header.tsx";
import { ChangesTable } from "./changes-table.tsx";
import { CompareView } from "./compare-view.tsx";
import { CountsTable } from "./counts-table.tsx";
import { DriftPart } from "./drift-part.tsx";
import { EvidenceView } from "./evidence-view.tsx";
import { MixTable } from "./mix-table.tsx";
import { ProfilePart } from "./profile-part.tsx";
import { ReasonsTable } from "./reasons-table.tsx";
import { SequenceList } from "./sequence-list.tsx";
import { VerdictPart } from "./verdict-part.tsx";

type AgentAnswer = Awaited<ReturnType<SignalboxClient["behavior"]["agent"]>>;

/** One agent: where it stands and why, drift, what it does, its evidence, and what is ordered about it (behavior.md). */
export function AgentPage({ agent, ...props }: SearchProps & { readonly agent: string }) {
  const { orpc } = useApi();
  const query = useQuery(orpc.behavior.agent.queryOptions({ input: { agent } }));
  return (
    <Answered query={query} what="this agent">
      {(answer) => <Page answer={answer} {...props} />}
    </Answered>
  );
}

function Page({ answer, search, setSearch }: SearchProps & { readonly answer: AgentAnswer }) {
  const frozen = useFrozen();
  const [open, setOpen] = useState<"quarantine" | "release" | null>(null);
  const { agent, windows, position, profile, lastGood } = answer;
  const set = (patch: Partial<BehaviorSearch>): void => setSearch(patch, { replace: true });
  const newest = windows.at(-1);
  const selected = windows.find(({ seq }) => seq === search.window) ?? newest;
  const look = (window: BehaviorWindow | undefined): void => {
    if (window !== undefined) set({ window: window === newest ? undefined : window.seq });
  };
  const move = (step: number): void => {
    if (selected !== undefined) look(windows[windows.indexOf(selected) + step]);
  };
  const back = (): void => setSearch({ agent: undefined, window: undefined, part: undefined, as: undefined });
  const order = (what: "quarantine" | "release"): void => {
    if (frozen === null && (agent.state === "quarantined") === (what === "release")) setOpen(what);
  };
  useKeys({
    j: () => move(-1),
    k: () => move(1),
    u: back,
    v: () => set({ as: search.as === undefined ? "table" : undefined }),
    c: () => set({ part: search.part === "compare" ? undefined : "compare" }),
    q: (event) => {
      event.preventDefault();
      order("quarantine");
    },
    r: (event) => {
      event.preventDefault();
      order("release");
    },
  });
  const close = (): void => setOpen(null);
  return (
    <>
      <AgentHeader
        agent={agent}
        onBack={back}
        onQuarantine={() => order("quarantine")}
        onRelease={() => order("release")}
      />
      {agent.quarantine === null ? null : (
        <QuarantineInForce agent={agent.agent} quarantine={agent.quarantine} profileId={newest?.profile.profile_id} />
      )}
      <div className="py-2">
        <Segmented
          label="What of it"
          selected={search.part ?? "conduct"}
          onChange={(part) => set({ part: part === "conduct" ? undefined : part })}
          options={[
            { id: "conduct", name: "Conduct" },
            { id: "compare", name: "Compare with last good" },
            { id: "evidence", name: "Evidence" },
          ]}
        />
      </div>
      {search.part === "evidence" ? (
        <EvidenceView agent={agent.agent} />
      ) : selected === undefined ? (
        <NoWindow answer={answer} />
      ) : search.part === "compare" ? (
        <CompareView window={selected} lastGood={lastGood} />
      ) : (
        <Conduct answer={answer} selected={selected} search={search} onSelect={look} onAs={(as) => set({ as })} />
      )}
      <p className="text-xs text-muted">
        Read from the log of {position.domain} at {formatCount(position.size)} entries, <Ago sinceMs={position.atMs} />.
      </p>
      {open === "quarantine" ? (
        <QuarantineDialog agent={agent} onClose={close} />
      ) : open === "release" ? (
        <ReleaseDialog agent={agent} profile={profile} judgedBy={newest?.profile ?? null} onClose={close} />
      ) : null}
    </>
  );
}

/** Nothing was appraised: what is known of it is its profile, and what was ordered. */
function NoWindow({ answer: { agent, profile, changes } }: { readonly answer: AgentAnswer }) {
  const [open] = agent.instances.flatMap(({ window }) => (window === null ? [] : [window]));
  return (
    <>
      <Section title="Verdict" level={2}>
        <p>
          Nothing was appraised yet.{" "}
          {profile === null ? "" : open === undefined ? "Its first window opens with its next task." : null}
          {open === undefined ? null : (
            <>
              Its first window began <Ago sinceMs={open.from * 1000} /> and closes after its time, or with its workflow.
            </>
          )}
        </p>
      </Section>
      <Section title="Self-test" level={2}>
        <SelfTestPart agent={agent.agent} />
      </Section>
      <Section title="Profile in force" level={2}>
        <ProfilePart version={profile} agent={agent.agent} />
      </Section>
      <Section title="Trust and state" level={2}>
        <ChangesTable changes={changes} />
      </Section>
    </>
  );
}

interface ConductProps {
  readonly answer: AgentAnswer;
  readonly selected: BehaviorWindow;
  readonly search: BehaviorSearch;
  onSelect(window: BehaviorWindow): void;
  onAs(as: "table" | undefined): void;
}

function Conduct({ answer, selected, search, onSelect, onAs }: ConductProps) {
  const { agent, windows, profile, changes, mix } = answer;
  const reasons = answer.reasons.filter(({ seq }) => seq === selected.seq);
  const isNewest = selected === windows.at(-1);
  const drifts = selected.verdict === "drifting" || selected.verdict === "nonconformant";
  return (
    <div className="grid gap-x-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="min-w-0">
        <Section title={isNewest ? "Verdict of the newest window" : "Verdict of an older window"} level={2}>
          <VerdictPart window={selected} profile={profile} />
        </Section>
        <Section title="Reasons" level={2} aside={<Told told={reasons.length} all={selected.reasons} />}>
          <ReasonsTable reasons={reasons} />
        </Section>
        <Section title="Order of what it did" level={2}>
          <SequenceList reasons={reasons} />
        </Section>
        <Section
          title="Drift over time"
          level={2}
          aside={
            <Segmented
              label="Drift as"
              selected={search.as ?? "chart"}
              onChange={(as) => onAs(as === "table" ? "table" : undefined)}
              options={[
                { id: "chart", name: "Chart" },
                { id: "table", name: "Table" },
              ]}
            />
          }
        >
          <DriftPart
            windows={windows}
            selected={selected}
            profile={profile}
            isTable={search.as === "table"}
            onSelect={onSelect}
          />
        </Section>
      </div>
      <div className="min-w-0">
        <Section title="What it did beside what is expected" level={2}>
          {isNewest ? <MixTable rows={mix} isTelling={drifts} /> : <CountsTable window={selected} other={null} />}
        </Section>
        <Section title="Self-test" level={2}>
          <SelfTestPart agent={agent.agent} />
        </Section>
        <Section title="Profile in force" level={2}>
          <ProfilePart version={profile} agent={agent.agent} />
        </Section>
        <Section title="Trust and state" level={2}>
          <ChangesTable changes={changes} />
        </Section>
      </div>
    </div>
  );
}

/** A list that is cut says so. */
const Told = ({ told, all }: { readonly told: number; readonly all: number }) =>
  told >= all ? null : (
    <span className="text-xs text-muted">
      {formatCount(told)} of {formatCount(all)} are told
    </span>
  );
