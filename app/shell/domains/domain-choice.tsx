import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { ProblemNote } from "../../ui/states.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { useHostStatus } from "../host-status.ts";
import { useShownDomain } from "./shown-domain.ts";

/** The domains of this console, each with the way to its log; which of them is in view is said. */
export function DomainChoice() {
  const { orpc } = useApi();
  const list = useQuery(orpc.domains.list.queryOptions());
  const { data: status } = useHostStatus();
  const shown = useShownDomain();
  if (list.data === undefined)
    return list.isError ? <ProblemNote problem={problemOf(list.error)} onRetry={() => void list.refetch()} /> : null;
  const { domains } = list.data;
  if (domains.length === 1)
    return (
      <p>
        This console has one trust domain. Others are opened with the first workflow whose recording names them; this is
        where one is chosen then.
      </p>
    );
  const own = domains.find(({ kind }) => kind === "console")?.domain;
  return (
    <div>
      <p>
        {formatCount(domains.length)} trust domains, each with a log of its own. Timeline shows the log that is chosen
        here; all other views are about {visibleText(own ?? "the console's own")}.
      </p>
      <ul className="mt-1">
        {domains.map(({ domain, kind, size: listed, state }) => {
          // The list is renewed when something crosses; the console's own log grows all the time.
          const size = kind === "console" ? (status?.position.size ?? listed) : listed;
          const isShown = (shown ?? own) === domain;
          return (
            <li key={domain} className="flex min-h-6 flex-wrap items-center gap-x-2">
              {isShown ? (
                <strong aria-current="true" className="font-mono text-xs">
                  {visibleText(domain)}
                </strong>
              ) : state === "unread" ? (
                <span className="font-mono text-xs">{visibleText(domain)}</span>
              ) : (
                <GoLink to="/timeline" search={kind === "console" ? {} : { domain }}>
                  <span className="font-mono text-xs">{visibleText(domain)}</span>
                </GoLink>
              )}
              <span className="text-xs text-muted">
                {size === null ? "cannot be read" : `${formatCount(size)} entries`}
                {isShown ? ", in view" : ""}
              </span>
            </li>
          );
        })}
      </ul>
      <p className="mt-1">
        <GoLink to="/domains">Domains and their crossings</GoLink>
      </p>
    </div>
  );
}
