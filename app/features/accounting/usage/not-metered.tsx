import type { SignalboxClient } from "../../../api/client/client.ts";
import { Mark } from "../../../ui/mark.tsx";
import { Cell, HeadCell, Row, Table } from "../../../ui/table.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { shortId, word } from "../words.ts";

type Aside = Awaited<ReturnType<SignalboxClient["accounting"]["usage"]>>["aside"];

/** Records that the log did not take (XDA-52): what they tell is counted nowhere, so each is told with its reason. */
export function NotMetered({ aside }: { readonly aside: Aside }) {
  if (aside.length === 0) return null;
  return (
    <div className="py-2">
      <p>
        <Mark
          shape="triangle"
          tone="warning"
          label={aside.length === 1 ? "One record was not taken" : `${aside.length} records were not taken`}
        />{" "}
        The log refused what the metering point stated of these; the others are metered all the same.
      </p>
      <Table label="Not metered" columns={[{ name: "Task" }, { name: "Why" }]}>
        {aside.map(({ task, taskName, order, code, detail }) => (
          <Row key={order ?? task}>
            <HeadCell>
              <UntrustedText text={taskName ?? shortId(task)} maxCharacters={80} />
              {order === null ? null : (
                <span className="block text-xs">the correction that was ordered as {shortId(order)}</span>
              )}
            </HeadCell>
            <Cell>
              {word(detail)} <span className="font-mono text-xs text-muted">{code}</span>
            </Cell>
          </Row>
        ))}
      </Table>
    </div>
  );
}
