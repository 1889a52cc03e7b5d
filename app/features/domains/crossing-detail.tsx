import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import type { CrossingDetail, HeldTokenView } from "../../api/contract/domains.ts";
import { Facts } from "../../ui/definition-list.tsx";
import { Identifier } from "../../ui/identifier.tsx";
import { Mark } from "../../ui/mark.tsx";
import { Section } from "../../ui/section.tsx";
import { Loading, OldNote, ProblemNote } from "../../ui/states.tsx";
import { Cell, HeadCell, Row, Table } from "../../ui/table.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { EntryOf } from "./domain-table.tsx";
import { ASKS, missingWords, offsetWords, PART_WORDS, retentionWords, STATE_LOOK } from "./domain-words.ts";
import { FindingHandling } from "./finding-handling.tsx";
import { TrustMark, TrustUntil } from "./peer-trust.tsx";

/** One crossing: what both sides say of it, held against each other, with their tokens. */
export function CrossingPart({ stitchId }: { readonly stitchId: string }) {
  const { orpc } = useApi();
  const found = useQuery(orpc.domains.crossing.queryOptions({ input: { stitchId } }));
  if (found.data === undefined)
    return found.isError ? (
      <ProblemNote problem={problemOf(found.error)} onRetry={() => void found.refetch()} />
    ) : (
      <Loading what="the crossing" />
    );
  return (
    <>
      {found.isError ? <OldNote readAtMs={found.dataUpdatedAt} /> : null}
      <CrossingDetailView detail={found.data.detail} />
    </>
  );
}

const versionWords = (version: CrossingDetail["judged"]["sender"]): string =>
  version === null ? "none named" : `version ${version.version}`;

function CrossingDetailView({ detail }: { readonly detail: CrossingDetail }) {
  const { crossing, compared, steps, tokens, offset, retention, trust, judged } = detail;
  const { from, to, state, code, missing, lamport } = crossing;
  return (
    <div>
      <Section title={`From ${visibleText(from)} to ${visibleText(to)}`} level={2}>
        <Facts
          items={[
            { term: "State", value: <Mark {...STATE_LOOK[state]} />, hint: <UntrustedText text={crossing.detail} /> },
            ...(code === null ? [] : [{ term: "Code", value: <code>{visibleText(code)}</code> }]),
            ...(missing.length === 0 ? [] : [{ term: "Missing", value: missingWords(missing) }]),
            { term: "Crossing", value: <Identifier value={crossing.stitchId} label="crossing id" /> },
            { term: "Workflow", value: <Identifier value={crossing.wid} label="workflow id" /> },
            {
              term: "Counter",
              value: `${lamport.out ?? "none"} sent, ${lamport.in ?? "none"} taken`,
              hint: "across a border it grows; order is by it and by cause, not by clocks",
            },
            {
              term: "Border policies",
              value: `${versionWords(judged.sender)} of the sender, ${versionWords(judged.receiver)} of the receiver`,
              hint: "the versions that it was made and judged under",
            },
            ...trust.map((one) => ({
              term: `${visibleText(one.of)} trusts ${visibleText(one.domain)}`,
              value: <TrustMark trust={one} />,
              hint: <TrustUntil trust={one} />,
            })),
            ...(offset === null
              ? []
              : [
                  { term: `Clock of ${visibleText(to)}`, value: `${offsetWords(offset)} against ${visibleText(from)}` },
                ]),
            ...(retention === null
              ? []
              : [
                  {
                    term: "Kept",
                    value:
                      retention.conflict === null ? (
                        `${retentionWords(retention.minS)} to ${retentionWords(retention.maxS)}`
                      ) : (
                        <Mark shape="triangle" tone="warning" label="the regimes contradict each other" />
                      ),
                    hint: retention.conflict ?? "the strictest of the regimes it is under",
                  },
                ]),
          ]}
        />
      </Section>
      {ASKS.has(state) ? (
        <Section title="Looked after by">
          <FindingHandling
            of={{
              finding: "crossing",
              item: crossing.stitchId,
              code: code ?? state,
              what: `Crossing from ${from} to ${to}: ${STATE_LOOK[state].label}, ${crossing.detail}.`,
            }}
            handling={crossing.handling}
          />
        </Section>
      ) : null}
      <Section title="What both sides say">
        <Compared rows={compared} />
      </Section>
      <Section title="What the receiver checks">
        {steps.length === 0 ? (
          <p className="text-muted">
            There is no handoff to check, or the policy it was judged under is not known here.
          </p>
        ) : (
          <ol className="space-y-0.5">
            {steps.map(({ step, check, result, code: why, detail: because }) => (
              <li key={step}>
                <Mark
                  shape={result === "passed" ? "dot" : result === "failed" ? "cross" : "ring"}
                  tone={result === "passed" ? "good" : result === "failed" ? "critical" : "neutral"}
                  label={result === "passed" ? check : `${check}: ${result === "failed" ? "no" : "not reached"}`}
                />
                {why === undefined ? null : (
                  <div className="ml-5 text-xs text-muted">
                    <code>{visibleText(why)}</code>
                    {because === undefined ? null : (
                      <>
                        {" "}
                        · <UntrustedText text={because} />
                      </>
                    )}
                  </div>
                )}
              </li>
            ))}
          </ol>
        )}
      </Section>
      <Section title="Tokens">
        {tokens.length === 0 ? <p className="text-muted">No log here has any.</p> : null}
        {tokens.map((token) => (
          <TokenView key={token.part} token={token} />
        ))}
      </Section>
    </div>
  );
}

function Compared({ rows }: { readonly rows: CrossingDetail["compared"] }) {
  return (
    <Table label="What both sides say, held against each other" columns={["What", "Sender", "Receiver", "Agree"]}>
      {rows.map(({ what, sender, receiver, agree }) => (
        <Row key={what}>
          <HeadCell>{what}</HeadCell>
          <Cell>{sender === null ? "not there" : <Identifier value={sender} />}</Cell>
          <Cell>{receiver === null ? "not there" : <Identifier value={receiver} />}</Cell>
          <Cell>
            {sender === null || receiver === null ? (
              <Mark shape="ring" tone="neutral" label="not yet" />
            ) : (
              <Mark shape={agree ? "dot" : "cross"} tone={agree ? "good" : "critical"} label={agree ? "yes" : "no"} />
            )}
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function TokenView({ token }: { readonly token: HeldTokenView }) {
  return (
    <div className="flex items-start gap-2 border-t border-line py-1 first:border-t-0">
      <details className="min-w-0 flex-1">
        <summary className="min-h-6 cursor-pointer first-letter:uppercase">{PART_WORDS[token.part]}</summary>
        <div className="py-1 pl-4">
          <p className="text-xs text-muted">
            Digest <Identifier value={token.digest} label="digest" />, token{" "}
            <Identifier value={token.token} label="token" />
          </p>
          <pre className="mt-1 max-h-72 overflow-auto bg-sunken p-2 text-xs">
            <UntrustedText text={JSON.stringify(token.claims, null, 1)} maxCharacters={20_000} multiline mono />
          </pre>
        </div>
      </details>
      <EntryOf domain={token.domain} seq={token.seq} />
    </div>
  );
}
