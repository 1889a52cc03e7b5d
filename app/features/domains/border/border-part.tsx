import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import type { BorderProposalView, BorderVersionView, BorderView } from "../../../api/contract/domain-orders.ts";
import { Button } from "../../../ui/button.tsx";
import { Identifier } from "../../../ui/identifier.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { Loading, ProblemNote } from "../../../ui/states.tsx";
import { Cell, HeadCell, Row, Table } from "../../../ui/table.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { EntryOf } from "../domain-table.tsx";
import { PROPOSAL_LOOK } from "./border-words.ts";

const BorderDialog = lazy(() => import("./border-dialog.tsx").then((loaded) => ({ default: loaded.BorderDialog })));
const ConfirmDialog = lazy(() => import("./confirm-dialog.tsx").then((loaded) => ({ default: loaded.ConfirmDialog })));

type Opened =
  | { readonly kind: "change"; readonly border: BorderView }
  | { readonly kind: "confirm"; readonly border: BorderView; readonly proposal: BorderProposalView };

/** The border policy of each domain: which version is in force, who signed it, since when, and what waits (XDA-72, XDA-73). */
export function BorderPart() {
  const { orpc } = useApi();
  const found = useQuery(orpc.domains.borders.queryOptions());
  const [open, setOpen] = useState<Opened | null>(null);
  const close = (): void => setOpen(null);
  return (
    <Section title="Border policies" level={2}>
      <p className="mb-2 max-w-prose text-muted">
        What a domain takes in, and what it shows to whom. A change is an entry of its log and holds for what crosses
        after it; nothing that crossed before is judged anew. What is wider needs two people.
      </p>
      {found.data === undefined ? (
        found.isError ? (
          <ProblemNote problem={problemOf(found.error)} onRetry={() => void found.refetch()} />
        ) : (
          <Loading what="the border policies" />
        )
      ) : (
        <Table label="Border policies" columns={["Domain", "In force", "Waiting", "Signed by", "Since"]}>
          {found.data.borders.map((border) => (
            <BorderRow
              key={border.domain}
              border={border}
              onChange={() => setOpen({ kind: "change", border })}
              onConfirm={(proposal) => setOpen({ kind: "confirm", border, proposal })}
            />
          ))}
        </Table>
      )}
      {open === null ? null : (
        <Suspense fallback={<Loading what="the border policy" />}>
          {open.kind === "change" ? (
            <BorderDialog border={open.border} onClose={close} />
          ) : (
            <ConfirmDialog border={open.border} proposal={open.proposal} onClose={close} />
          )}
        </Suspense>
      )}
    </Section>
  );
}

interface BorderRowProps {
  readonly border: BorderView;
  onChange(): void;
  onConfirm(proposal: BorderProposalView): void;
}

function BorderRow({ border, onChange, onConfirm }: BorderRowProps) {
  const { domain, inForce, proposals } = border;
  const waiting = proposals.filter(({ state }) => state === "waiting");
  // Each that waits can be confirmed; else what became of the last one.
  const told = waiting.length > 0 ? waiting : proposals.slice(0, 1);
  return (
    <Row>
      <HeadCell isMono>{visibleText(domain)}</HeadCell>
      <Cell>
        <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
          version {inForce.version}
          <Button size="sm" writes onPress={onChange}>
            Change …
          </Button>
        </div>
      </Cell>
      <Cell isWide>
        {told.length === 0 ? (
          "nothing"
        ) : (
          <ul className="space-y-2">
            {told.map((proposal) => (
              <li key={proposal.jti} className="space-y-1">
                <Mark {...PROPOSAL_LOOK[proposal.state]} />
                <div className="text-xs text-muted">
                  version {proposal.version} by <Identifier value={proposal.by} label="id of who signed it" />
                </div>
                {proposal.state === "waiting" ? (
                  <Button size="sm" writes onPress={() => onConfirm(proposal)}>
                    Look and confirm …
                  </Button>
                ) : null}
              </li>
            ))}
          </ul>
        )}
      </Cell>
      <Cell isWide>
        <SignedBy version={inForce} />
      </Cell>
      <Cell isWide>
        {inForce.signed === null ? (
          "its beginning"
        ) : (
          <>
            <EntryOf domain={domain} seq={inForce.signed.seq} />
            <div className="text-xs text-muted">
              <Instant epochMs={inForce.signed.at * 1000} full />
            </div>
          </>
        )}
      </Cell>
    </Row>
  );
}

function SignedBy({ version: { signed } }: { readonly version: BorderVersionView }) {
  if (signed === null) return <span className="text-muted">nobody: it came with the domain</span>;
  return (
    <div className="space-y-0.5">
      <Identifier value={signed.by} label="id of who signed it" />
      {signed.confirmedBy === null ? null : (
        <div>
          and <Identifier value={signed.confirmedBy} label="id of who confirmed it" />
        </div>
      )}
      <div className="text-xs text-muted">
        <UntrustedText text={signed.reason} />
      </div>
    </div>
  );
}
