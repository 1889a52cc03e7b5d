import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import type { PolicyRow } from "../../api/contract/policy.ts";
import { Button } from "../../ui/button.tsx";
import { useNow } from "../../ui/clock.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Identifier } from "../../ui/identifier.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { Empty, Loading, ProblemNote } from "../../ui/states.tsx";
import { useKeys } from "../../ui/use-keys.ts";
import { GrantsView } from "./grants/grants-view.tsx";
import { type PoliciesSearch, type SearchProps, type SetPoliciesSearch, TABS } from "./policies-search.ts";
import { OldNote, PolicyDetail } from "./policy-detail.tsx";
import { PolicyList } from "./policy-list.tsx";

export { policiesSearchSchema } from "./policies-search.ts";

export const policiesKeys = [
  { keys: "j", does: "next policy or grant" },
  { keys: "k", does: "previous policy or grant" },
  { keys: "s", does: "policies, or standing grants" },
  { keys: "x", does: "standing grants: end the selected one" },
  { keys: "1 2 3 4 5 6", does: "delegation, rules, try it, replay it, edit, token" },
  { keys: "v", does: "delegation as a graph or as a table" },
  { keys: "d", does: "as issued, or the draft" },
  { keys: "Ctrl+Z", does: "edit: take the last change back; with Shift, make it again" },
  {
    keys: "ArrowUp ArrowDown",
    does: "in the list, graph or table that has the focus: previous or next",
  },
] as const;

/** The policies under which agents work: who may do what, when a human is needed, and what a change would mean; and leave given in advance. */
export function PoliciesPane({ search, setSearch }: SearchProps) {
  const show = search.show ?? "policies";
  const turn = (to: string): void => setSearch({ show: to === "grants" ? "grants" : undefined });
  useKeys({ s: () => turn(show === "grants" ? "policies" : "grants") });
  return (
    <>
      <div className="shrink-0 border-b border-line bg-panel px-3 py-1.5">
        <Segmented
          label="Show"
          selected={show}
          onChange={turn}
          options={[
            { id: "policies", name: "Policies" },
            { id: "grants", name: "Standing grants" },
          ]}
        />
      </div>
      {show === "grants" ? (
        <GrantsView search={search} setSearch={setSearch} />
      ) : (
        <AllPolicies search={search} setSearch={setSearch} />
      )}
    </>
  );
}

function AllPolicies({ search, setSearch }: SearchProps) {
  const { orpc } = useApi();
  const list = useQuery(orpc.policy.list.queryOptions());
  if (list.data === undefined) {
    return list.isError ? (
      <div className="p-4">
        <ProblemNote problem={problemOf(list.error)} onRetry={() => void list.refetch()} />
      </div>
    ) : (
      <Loading what="the policies" />
    );
  }
  return (
    <>
      {list.isError ? <OldNote readAtMs={list.dataUpdatedAt} /> : null}
      <Policies policies={ordered(list.data.policies)} search={search} setSearch={setSearch} />
    </>
  );
}

/** In force first, then newest first. */
function ordered(policies: readonly PolicyRow[]): PolicyRow[] {
  const rank = (policy: PolicyRow): number => (!policy.inForce ? 2 : policy.workflow?.status === "finished" ? 1 : 0);
  return policies.toSorted((a, b) => rank(a) - rank(b) || b.seq - a.seq);
}

/** The one the link names, or else that of the chosen workflow, or else the first. */
function chosen(policies: readonly PolicyRow[], { policy, wid }: PoliciesSearch): PolicyRow | undefined {
  if (policy !== undefined) return policies.find(({ jti }) => jti === policy);
  return policies.find((one) => one.wid === wid) ?? policies[0];
}

interface PoliciesProps extends SearchProps {
  readonly policies: readonly PolicyRow[];
}

function Policies({ policies, search, ...props }: PoliciesProps) {
  const setSearch = usePinned(policies, { search, setSearch: props.setSearch });
  const nowS = Math.floor(useNow() / 1000);
  const selected = chosen(policies, search);
  const at = selected === undefined ? -1 : policies.indexOf(selected);
  const select = (policy: PolicyRow | undefined): void => {
    if (policy !== undefined) setSearch({ policy: policy.jti, node: undefined, version: undefined }, { replace: true });
  };
  useKeys({
    j: () => select(policies[at + 1]),
    k: () => select(policies[at - 1]),
    v: () => setSearch({ tab: "delegation", view: search.view === undefined ? "table" : undefined }, { replace: true }),
    d: () => setSearch({ version: search.version === undefined ? "draft" : undefined }, { replace: true }),
    ...Object.fromEntries(TABS.map((tab, index) => [String(index + 1), () => setSearch({ tab })])),
  });
  if (policies.length === 0 && search.policy === undefined) return <NoPolicy />;
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-auto md:flex-row md:overflow-hidden">
      <PolicyList
        policies={policies}
        selected={selected?.jti ?? null}
        nowS={nowS}
        onSelect={(jti) => select(policies.find((policy) => policy.jti === jti))}
      />
      <div className="flex min-w-0 flex-1 flex-col md:min-h-0">
        {selected === undefined ? (
          <NoSuchPolicy jti={search.policy ?? ""} onFirst={() => setSearch({ policy: undefined })} />
        ) : (
          <PolicyDetail jti={selected.jti} search={search} setSearch={setSearch} />
        )}
      </div>
    </div>
  );
}

/**
 * The policy in view stands in the URL. One that nobody has chosen gives way to a newer one that is put in force; once
 * anything was done with it, it stays, and nothing changes under the pointer. Returns what changes the URL from then on.
 */
function usePinned(policies: readonly PolicyRow[], { search, setSearch }: SearchProps): SetPoliciesSearch {
  const pinned = useRef<string | null>(null);
  const before = useRef(search);
  const { policy, wid } = search;
  const proposed = chosen(policies, { wid })?.jti;
  useEffect(() => {
    // Another workflow was chosen in the frame: it begins with its own policy.
    const isSwitched = wid !== undefined && wid !== before.current.wid && policy === before.current.policy;
    before.current = { policy, wid };
    const isOurs = policy === undefined || policy === pinned.current || isSwitched;
    if (!isOurs || proposed === undefined || proposed === policy) return;
    pinned.current = proposed;
    setSearch({ policy: proposed }, { replace: true });
  }, [policy, wid, proposed, setSearch]);
  return useCallback(
    (patch, options) => {
      pinned.current = null;
      setSearch(patch, options);
    },
    [setSearch],
  );
}

function NoPolicy() {
  return (
    <div className="flex flex-1 items-center justify-center">
      <Empty title="No policy was issued yet">
        <p>
          A policy says who may do what and when a human is needed. One is issued when a run is started:{" "}
          <GoLink to="/watch">go to Watch</GoLink>.
        </p>
      </Empty>
    </div>
  );
}

/** A link to a policy that is not here shows that, never another one. */
function NoSuchPolicy({ jti, onFirst }: { readonly jti: string; onFirst(): void }) {
  return (
    <Empty title="No such policy in this log">
      <p>
        <Identifier value={jti} label="policy id" /> may belong to another console or to a log that was started anew.
      </p>
      <div className="mt-2">
        <Button onPress={onFirst}>Go to the first policy</Button>
      </div>
    </Empty>
  );
}
