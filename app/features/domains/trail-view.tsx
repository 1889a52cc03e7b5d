import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import { formatCount } from "../../ui/duration.ts";
import { Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { Section } from "../../ui/section.tsx";
import { Loading, ProblemNote } from "../../ui/states.tsx";
import { Cell, NumberCell, Row, Table } from "../../ui/table.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { EntryOf } from "./domain-table.tsx";

/** So many tasks are listed; the logs themselves have all of them. */
const MOST = 500;

/** The trails of a workflow joined at their crossings, in causal order (X3). */
export function TrailView({ wid }: { readonly wid: string }) {
  const { orpc } = useApi();
  const found = useQuery(orpc.domains.trail.queryOptions({ input: { wid } }));
  if (found.data === undefined)
    return found.isError ? (
      <ProblemNote problem={problemOf(found.error)} onRetry={() => void found.refetch()} />
    ) : (
      <Loading what="the trail" />
    );
  const { nodes, problems, level, levels, complete } = found.data;
  return (
    <Section title="Trail of the workflow" level={2}>
      <p className="mb-2 max-w-prose text-muted">
        {formatCount(nodes.length)} entries of {formatCount(levels.length)} domains, each after what led to it. Level of
        the whole path: {level ?? "none"} (the lowest of{" "}
        {levels.map((one) => `${visibleText(one.domain)} ${one.level}`).join(", ")}). Times are those of each
        domain&apos;s own clock, and order nothing.
      </p>
      {complete ? null : <Mark shape="triangle" tone="warning" label="It is not complete: something is missing" />}
      {problems.map(({ code, detail, nodes: about }) => (
        <p key={`${code} ${about.join(" ")}`}>
          <Mark shape="cross" tone="critical" label={code} /> {visibleText(detail)}
        </p>
      ))}
      <Table
        label="Entries in causal order"
        columns={[{ name: "Counter", isNumber: true }, "Domain", "Action", "Level", "Log", "By its clock"]}
        isBounded
      >
        {nodes.slice(0, MOST).map((node) => (
          <Row key={node.key}>
            <NumberCell>{formatCount(node.lamport)}</NumberCell>
            <Cell isMono>{visibleText(node.domain)}</Cell>
            <Cell>
              {visibleText(node.execAct)}
              {node.outcome === "success" ? null : (
                <span className="ml-2">
                  <Mark shape="triangle" tone="warning" label={visibleText(node.outcome)} />
                </span>
              )}
              {node.stitch === null ? null : (
                <span className="text-muted">
                  {" "}
                  {node.stitch.direction === "out" ? "to" : "from"} {visibleText(node.stitch.peer)}
                </span>
              )}
            </Cell>
            <Cell>{node.level}</Cell>
            <Cell>
              <EntryOf domain={node.domain} seq={node.seq} />
            </Cell>
            <Cell>
              <Instant epochMs={node.at * 1000} />
            </Cell>
          </Row>
        ))}
      </Table>
      {nodes.length > MOST ? <p className="text-muted">Only the first {formatCount(MOST)} are listed.</p> : null}
    </Section>
  );
}
