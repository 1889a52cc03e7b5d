import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useApi } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import { LIMITS } from "../protocol/attention/limits.ts";
import { Button } from "../ui/button.tsx";
import { formatCount } from "../ui/duration.ts";
import { GoLink } from "../ui/go-link.tsx";
import { MarkIcon } from "../ui/mark.tsx";
import { cutText, visibleText } from "../ui/visible-text.ts";
import { CALM, crossed } from "./load-crossing.ts";

type Now = Awaited<ReturnType<SignalboxClient["attention"]["now"]>>;

/** Not at the start, which it would hold up, ms; then it is measured again so often: it is a figure of an hour. */
const FIRST_MS = 15_000;
const AGAIN_MS = 60_000;

/**
 * That more is asked of each operator than they can take in (A1): said in every view, once until it has gone down again, quietly
 * and with what asks for most of it, for whoever can change that.
 */
export function LoadNotice({ firstMs = FIRST_MS }: { readonly firstMs?: number }) {
  const { orpc } = useApi();
  const [isDue, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), firstMs);
    return () => clearTimeout(timer);
  }, [firstMs]);
  const query = useQuery(orpc.attention.now.queryOptions({ enabled: isDue, refetchInterval: AGAIN_MS }));
  const [before, setBefore] = useState(CALM);
  const now = query.data === undefined ? before : crossed(before, query.data.lastHour.each);
  if (now !== before) setBefore(now);
  if (query.data === undefined || !now.isOver || now.isAside) return null;
  return (
    <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-panel px-3 py-1">
      <MarkIcon shape="diamond" tone="notice" />
      <div className="flex min-w-0 flex-1 flex-wrap gap-x-2">
        <p role="status">More than {LIMITS.hour.warn} things an hour are asked of each operator.</p>
        {/* Beside what is read out, which would otherwise be read out with every figure. */}
        <p className="text-muted">
          <Words now={query.data} />
        </p>
      </div>
      <GoLink to="/approvals" search={{ view: "attention" }}>
        What asks for it
      </GoLink>
      <Button size="sm" variant="quiet" onPress={() => setBefore({ ...now, isAside: true })}>
        Put aside
      </Button>
    </div>
  );
}

const EACH = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const plain = (text: string): string => visibleText(cutText(text, 60).head);

function Words({ now: { lastHour, most } }: { readonly now: Now }) {
  const { demands, operators, each } = lastHour;
  return (
    <>
      {EACH.format(each)} in the last hour ({formatCount(demands)}, {formatCount(operators)} there).
      {most === null || most.count < 2 ? null : (
        <>
          {" "}
          {formatCount(most.count)} of them: {most.demand.kind}, <bdi>{plain(most.demand.about)}</bdi>
          {most.demand.agent === null ? null : (
            <>
              {" "}
              by <bdi>{plain(most.demand.agent.split("/").at(-1) ?? "")}</bdi>
            </>
          )}
          .
        </>
      )}
    </>
  );
}
