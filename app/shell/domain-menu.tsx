import { useQuery } from "@tanstack/react-query";
import { Network } from "lucide-react";
import { lazy, Suspense } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { problemOf } from "../api/client/problem.ts";
import { type Fact, Facts } from "../ui/definition-list.tsx";
import { Details } from "../ui/details.tsx";
import { formatCount } from "../ui/duration.ts";
import { Identifier } from "../ui/identifier.tsx";
import { Ago } from "../ui/instant.tsx";
import { ProblemNote } from "../ui/states.tsx";
import { visibleText } from "../ui/visible-text.ts";
import { useShownDomain } from "./domains/shown-domain.ts";
import { useHostStatus } from "./host-status.ts";

/** The trust domain everything in view is of: its name, its log and its head, reachable on every screen. */
export function DomainMenu() {
  const { data: status } = useHostStatus();
  const shown = useShownDomain();
  const name = status === undefined ? "…" : visibleText(shown ?? status.position.domain);
  return (
    <Details
      label={`${name}, trust domain`}
      title="Trust domain"
      placement="bottom start"
      className="h-8 min-w-8 max-w-56 shrink-0 justify-center gap-1.5 rounded-md px-1.5"
      trigger={
        <>
          <Network aria-hidden="true" size={16} strokeWidth={1.75} className="shrink-0" />
          <span className="hidden truncate font-mono text-xs text-muted lg:inline">{name}</span>
        </>
      }
    >
      <DomainFacts />
    </Details>
  );
}

const DiscoveryFacts = lazy(() =>
  import("./discovery-facts.tsx").then((loaded) => ({ default: loaded.DiscoveryFacts })),
);

const DomainChoice = lazy(() =>
  import("./domains/domain-choice.tsx").then((loaded) => ({ default: loaded.DomainChoice })),
);

/** The console's own domain, and which others there are. */
function DomainFacts() {
  const { orpc } = useApi();
  const { data: status } = useHostStatus();
  const identity = useQuery(orpc.identity.describe.queryOptions());
  return (
    <div className="space-y-3">
      <Suspense>
        <DomainChoice />
      </Suspense>
      {identity.isError ? (
        <ProblemNote problem={problemOf(identity.error)} onRetry={() => void identity.refetch()} />
      ) : null}
      <Facts
        items={[
          { term: "Domain", value: status === undefined ? "not read yet" : visibleText(status.position.domain) },
          {
            term: "Log",
            value:
              identity.data === undefined ? (
                "not read yet"
              ) : (
                <Identifier value={identity.data.logId} label="log id" whole />
              ),
          },
          ...headFacts(status?.position),
        ]}
      />
      <Suspense>
        <DiscoveryFacts />
      </Suspense>
    </div>
  );
}

function headFacts(head: { readonly size: number; readonly root: string; readonly atMs: number } | undefined): Fact[] {
  if (head === undefined) return [{ term: "Head", value: "not read yet" }];
  return [
    { term: "Head", value: `${formatCount(head.size)} entries`, hint: <Identifier value={head.root} label="root" /> },
    { term: "Read", value: <Ago sinceMs={head.atMs} /> },
  ];
}
