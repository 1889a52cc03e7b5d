import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import type { FleetAgent, QuarantineReach } from "../../../api/contract/behavior.ts";
import { Facts } from "../../../ui/definition-list.tsx";
import { GoLink } from "../../../ui/go-link.tsx";
import { Ago, Instant } from "../../../ui/instant.tsx";
import { MarkIcon } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { Cell, HeadCell, Row, Table } from "../../../ui/table.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { Answered } from "../answered.tsx";
import { countOf, lastPart, word } from "../words.ts";
import { countReach, type ReachCounts } from "./reach-words.ts";
import { CAUSES, newVersionSearch } from "./release-dialog.tsx";

/** A quarantine: what was commanded, by whom, and apart from that what of it is in force (S7). */
export function QuarantineInForce({
  agent,
  quarantine,
  profileId,
}: {
  readonly agent: string;
  /** Of the profile it was judged by; undefined where it was never appraised. */
  readonly profileId: string | undefined;
  readonly quarantine: NonNullable<FleetAgent["quarantine"]>;
}) {
  const { orpc } = useApi();
  const query = useQuery(orpc.behavior.reach.queryOptions({ input: { agent } }));
  // What it has begun ends in a workflow: read again whenever those have moved.
  const { dataUpdatedAt: movedMs } = useQuery(orpc.workflow.list.queryOptions());
  const { refetch } = query;
  useEffect(() => {
    if (movedMs > 0) void refetch();
  }, [movedMs, refetch]);
  // It is where the eye is when it has come about, wherever on the page it was ordered.
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <div ref={place} className="scroll-mt-12">
      <Section title="Quarantine" level={2}>
        <Facts
          items={[
            {
              term: "Commanded",
              value: (
                <>
                  by {lastPart(quarantine.by)}, <Instant epochMs={quarantine.at * 1000} />,{" "}
                  <Ago sinceMs={quarantine.at * 1000} />,{" "}
                  <GoLink to="/timeline" search={{ entry: quarantine.seq }}>
                    entry {quarantine.seq}
                  </GoLink>
                </>
              ),
            },
            {
              term: "Because",
              value: (
                <>
                  {CAUSES[quarantine.cause]}
                  {quarantine.reason === null ? null : (
                    <>
                      : <UntrustedText text={quarantine.reason} />
                    </>
                  )}
                </>
              ),
            },
          ]}
        />
        <Answered query={query} what="what of it is in force">
          {({ instances }) => <Holding instances={instances} />}
        </Answered>
        <p className="mt-2">
          It is let out on something that is different now:{" "}
          <GoLink to="/behavior" search={newVersionSearch(agent, profileId)}>
            make a new version of its profile from its last good windows
          </GoLink>
          , or name the repaired build when you release it.
        </p>
      </Section>
    </div>
  );
}

function Holding({ instances }: { readonly instances: readonly QuarantineReach[] }) {
  const counts = countReach(instances);
  const running = instances.filter(({ status }) => status === "running");
  return (
    <div className="mt-2 space-y-2">
      <ul aria-label="In force" className="flex flex-wrap gap-x-6 gap-y-1">
        {holds(counts).map(({ isDone, words }) => (
          <li key={words} className={`flex gap-1.5 ${isDone ? "" : "font-medium text-warning"}`}>
            <span className="pt-1">
              <MarkIcon shape={isDone ? "square" : "triangle"} tone={isDone ? "neutral" : "warning"} />
            </span>
            {words}
          </li>
        ))}
      </ul>
      {running.length === 0 ? null : (
        <Table label="Instances in quarantine" columns={["Workflow", "Under way", "Lease", "Breakers toward it"]}>
          {running.map((instance) => (
            <Row key={instance.agent}>
              <HeadCell>
                <GoLink to="/watch" search={{ wid: instance.wid }}>
                  <bdi>{word(instance.runName ?? instance.wid)}</bdi>
                </GoLink>
              </HeadCell>
              <Cell isWide>
                {instance.tasks.length === 0
                  ? "nothing"
                  : instance.tasks.map(({ taskName, action }) => word(taskName ?? action)).join(", ")}
              </Cell>
              <Cell>
                {instance.lease === null
                  ? "it had none"
                  : instance.lease.cut
                    ? "cut"
                    : instance.lease.open
                      ? "still open"
                      : "had ended"}
              </Cell>
              <Cell>
                {instance.breakers.length === 0
                  ? "none yet"
                  : `${instance.breakers.filter(({ held }) => held).length} of ${instance.breakers.length} held open`}
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </div>
  );
}

/** What the log shows of it, part by part; an order alone is none of them. */
function holds({ underWay, leases, breakers }: ReachCounts) {
  return [
    { isDone: true, words: "New tasks and starts are refused" },
    {
      isDone: leases.open === 0,
      words:
        leases.open === 0
          ? leases.cut === 0
            ? "No lease is open"
            : `${countOf(leases.cut, "lease")} cut, none is open`
          : `${countOf(leases.open, "lease")} still open`,
    },
    {
      isDone: breakers.held === breakers.all,
      words:
        breakers.all === 0
          ? "Nobody has called it yet: a breaker toward it opens with the first call"
          : `${breakers.held} of ${countOf(breakers.all, "breaker")} toward it held open`,
    },
    {
      isDone: underWay === 0,
      words: underWay === 0 ? "Nothing of it is under way" : `${countOf(underWay, "task")} still under way`,
    },
  ];
}
