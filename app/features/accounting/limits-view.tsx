import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../api/client/api-context.tsx";
import type { LimitView } from "../../api/contract/accounting.ts";
import { formatCount } from "../../ui/duration.ts";
import { GoLink } from "../../ui/go-link.tsx";
import { Meter } from "../../ui/meter.tsx";
import { Empty } from "../../ui/states.tsx";
import { Cell, HeadCell, Row, Table } from "../../ui/table.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { Answered } from "./answered.tsx";
import { formatDecimal, lastPart, money, shortId, timeWords } from "./words.ts";

const NAMES: Readonly<Record<LimitView["name"], string>> = {
  max_cost: "Cost",
  max_tokens: "Model tokens",
  max_calls: "Actions",
  rate_per_min: "Actions a minute",
  max_duration_s: "Time of work",
};

function quantity({ name, currency }: LimitView, value: string): string {
  if (name === "max_cost") return currency === null ? formatDecimal(value) : money(value, currency);
  return name === "max_duration_s" ? timeWords(Number(value)) : formatCount(Number(value));
}

/** Limits of the policies, with what is used up: beyond one the gateway refuses, so that the work stops there (ACP P2). */
export function LimitsView() {
  const { orpc } = useApi();
  const query = useQuery(orpc.accounting.limits.queryOptions());
  return (
    <Answered query={query} what="the limits">
      {({ limits }) =>
        limits.length === 0 ? (
          <Empty title="No policy sets a limit on what is used">
            <p>
              A policy can hold an agent to a cost, to model tokens, or to a number of actions. The gateway refuses what
              would go beyond. <GoLink to="/policies">Policies</GoLink>
            </p>
          </Empty>
        ) : (
          <div className="py-3">
            <p className="pb-2 text-muted">
              What would go beyond a limit is refused before it happens, and so is everything that would follow from it.
            </p>
            <Table label="Limits" columns={[{ name: "Agent" }, { name: "Limit" }, { name: "Used" }, { name: "Run" }]}>
              {limits.map((limit) => (
                <Row key={`${limit.wid} ${limit.node} ${limit.name}`}>
                  <HeadCell>
                    <span title={limit.agent}>{lastPart(limit.agent)}</span>
                  </HeadCell>
                  <Cell>{NAMES[limit.name]}</Cell>
                  <Cell>
                    <Meter
                      label={`${NAMES[limit.name]} of ${lastPart(limit.agent)}`}
                      share={limit.share}
                      text={`${quantity(limit, limit.used)} of ${quantity(limit, limit.value)}`}
                    />
                  </Cell>
                  <Cell>
                    <UntrustedText text={limit.runName ?? shortId(limit.wid)} maxCharacters={60} />, {limit.status}
                  </Cell>
                </Row>
              ))}
            </Table>
          </div>
        )
      }
    </Answered>
  );
}
