import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import { Button } from "../../ui/button.tsx";
import { useNow } from "../../ui/clock.ts";
import { formatCount } from "../../ui/duration.ts";
import { Ago } from "../../ui/instant.tsx";
import { Empty, Loading, ProblemNote, StaleNote } from "../../ui/states.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { DelegationTab } from "./delegation/delegation-tab.tsx";
import { EditTab } from "./edit/edit-tab.tsx";
import { type SearchProps, TABS, type Tab } from "./policies-search.ts";
import { PolicyHeader, TokenTab } from "./policy-header.tsx";
import { Proposals } from "./proposals/proposals.tsx";
import { ReplayTab } from "./replay/replay-tab.tsx";
import { RulesTab } from "./rules/rules-tab.tsx";
import { TryTab } from "./try/try-tab.tsx";
import { type Draft, type PolicyAnswer, type ShownPolicy, useCheckedDraft } from "./use-policy.ts";

export interface PolicyDetailProps extends SearchProps {
  readonly jti: string;
}

/** One policy with everything that can be seen of it and done with it. */
export function PolicyDetail({ jti, search, setSearch }: PolicyDetailProps) {
  const { orpc } = useApi();
  const policy = useQuery(orpc.policy.get.queryOptions({ input: { jti } }));
  if (policy.data === undefined) {
    return policy.isError ? (
      <div className="p-4">
        <ProblemNote problem={problemOf(policy.error)} onRetry={() => void policy.refetch()} />
      </div>
    ) : (
      <Loading what="the policy" />
    );
  }
  return (
    <>
      {policy.isError ? <OldNote readAtMs={policy.dataUpdatedAt} /> : null}
      <Loaded key={jti} answer={policy.data} search={search} setSearch={setSearch} />
    </>
  );
}

export function OldNote({ readAtMs }: { readonly readAtMs: number }) {
  return <StaleNote ageMs={useNow() - readAtMs} />;
}

function Loaded({ answer, search, setSearch }: SearchProps & { readonly answer: PolicyAnswer }) {
  const draft = useCheckedDraft(answer);
  const nowS = Math.floor(useNow() / 1000);
  const tab = search.tab ?? "delegation";
  const common = { search, setSearch };
  const shown = shownOf(answer, draft, search.version === "draft");
  const about = (view: (policy: ShownPolicy) => ReactNode): ReactNode =>
    shown === null ? <NoDraft draft={draft} {...common} /> : view(shown);
  return (
    <section aria-label="Policy" className="flex min-w-0 flex-col gap-3 p-3 md:min-h-0 md:flex-1 md:overflow-auto">
      <PolicyHeader answer={answer} draft={draft} nowS={nowS} {...common} />
      <Tabs
        label="Policy"
        className="shrink-0"
        selected={tab}
        onSelect={(id) => setSearch({ tab: TABS.find((name) => name === id) })}
        items={[
          {
            id: "delegation",
            title: TAB_TITLES.delegation,
            content: about((policy) => <DelegationTab shown={policy} {...common} />),
          },
          {
            id: "rules",
            title: TAB_TITLES.rules,
            content: about((policy) => (
              <div className="flex flex-col gap-4">
                <RulesTab claims={policy.claims} />
                <Proposals answer={answer} setSearch={setSearch} />
              </div>
            )),
          },
          { id: "try", title: TAB_TITLES.try, content: about((policy) => <TryTab shown={policy} {...common} />) },
          {
            id: "replay",
            title: TAB_TITLES.replay,
            content: about((policy) => <ReplayTab shown={policy} {...common} />),
          },
          { id: "edit", title: TAB_TITLES.edit, content: <EditTab answer={answer} draft={draft} {...common} /> },
          { id: "token", title: TAB_TITLES.token, content: <TokenTab answer={answer} /> },
        ]}
      />
      <p className="border-t border-line pt-1 text-xs text-muted">
        Read from the log of {answer.position.domain} at {formatCount(answer.position.size)} entries,{" "}
        <Ago sinceMs={answer.position.atMs} />
      </p>
    </section>
  );
}

const TAB_TITLES: Readonly<Record<Tab, string>> = {
  delegation: "Delegation",
  rules: "Rules",
  try: "Try it",
  replay: "Replay it",
  edit: "Edit",
  token: "Token",
};

/** Null where the draft is asked for and there is none that is a policy. */
function shownOf(answer: PolicyAnswer, draft: Draft | null, wantsDraft: boolean): ShownPolicy | null {
  if (!wantsDraft) return { answer, claims: answer.claims, isDraft: false };
  return draft?.checked.ok === true ? { answer, claims: draft.checked.value, isDraft: true } : null;
}

function NoDraft({ draft, setSearch }: SearchProps & { readonly draft: Draft | null }) {
  return (
    <Empty title={draft === null ? "There is no draft of this policy" : "The draft is not a policy yet"}>
      <p>
        {draft === null
          ? "Drafts are kept in the tab in which they were made."
          : "What is wrong stands where it is edited."}
      </p>
      <div className="mt-2 flex justify-center gap-2">
        <Button onPress={() => setSearch({ tab: "edit" })}>Edit it</Button>
        <Button onPress={() => setSearch({ version: undefined })}>Show it as issued</Button>
      </div>
    </Empty>
  );
}
