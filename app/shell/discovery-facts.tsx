import { useQuery } from "@tanstack/react-query";
import { useApi } from "../api/client/api-context.tsx";
import { problemOf } from "../api/client/problem.ts";
import { Facts } from "../ui/definition-list.tsx";
import { formatDuration } from "../ui/duration.ts";
import { ProblemNote } from "../ui/states.tsx";
import { visibleText } from "../ui/visible-text.ts";

/** How agents of this domain are overridden, as its discovery document says it (OVR-7). */
export function DiscoveryFacts() {
  const { orpc } = useApi();
  const { data, isError, error, refetch } = useQuery(orpc.liveness.discovery.queryOptions());
  if (data === undefined)
    return isError ? <ProblemNote problem={problemOf(error)} onRetry={() => void refetch()} /> : null;
  const words = (list: readonly string[]): string => visibleText(list.join(", ").replaceAll("_", " "));
  return (
    <section aria-label="How agents are overridden" className="space-y-1 border-t border-line pt-2">
      <h3 className="text-xs font-semibold text-muted">How agents are overridden</h3>
      <Facts
        items={[
          { term: "Signals go to", value: data.endpoint ?? "this browser's own worker, by no network" },
          {
            term: "Complied within",
            value: data.levels
              .map((level) => `${visibleText(level)} ${formatDuration(data.deadline_ms[level] ?? 0)}`)
              .join(", "),
          },
          { term: "Actions", value: words(data.actions) },
          { term: "Heard of", value: `every ${data.heartbeat_s} s` },
          { term: "Without link", value: words(data.degraded_modes) },
        ]}
      />
    </section>
  );
}
