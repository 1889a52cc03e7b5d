import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import type { ErasureView } from "../../../api/contract/domain-orders.ts";
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
import { claimsWords, erasureLook, recordsWords } from "./erasure-words.ts";

const ErasureDialog = lazy(() => import("./erasure-dialog.tsx").then((loaded) => ({ default: loaded.ErasureDialog })));
const EndHoldDialog = lazy(() => import("./end-hold-dialog.tsx").then((loaded) => ({ default: loaded.EndHoldDialog })));

/** Erasing on request what domains keep apart from their records, and legal holds against it (XDA-13, XDA-76). */
export function ErasurePart({ domains }: { readonly domains: readonly string[] }) {
  const { orpc } = useApi();
  const found = useQuery(orpc.domains.erasures.queryOptions());
  const [opened, setOpened] = useState<"erase" | ErasureView | null>(null);
  const close = (): void => setOpened(null);
  return (
    <Section
      title="Erasure and legal holds"
      level={2}
      aside={
        <Button size="sm" writes onPress={() => setOpened("erase")}>
          Erase or hold …
        </Button>
      }
    >
      <p className="max-w-prose text-muted">
        Claims that a domain keeps apart from its records can be erased: their values and salts go, digests stay, and
        the log proves what it proved. What left in answers or packs before is out of reach, and so are the agents&apos;
        own tokens, which this console&apos;s log has whole.
      </p>
      {found.data === undefined ? (
        found.isError ? (
          <ProblemNote problem={problemOf(found.error)} onRetry={() => void found.refetch()} />
        ) : (
          <Loading what="what was erased" />
        )
      ) : found.data.erasures.length === 0 ? (
        <p className="mt-2 text-muted">Nobody has asked for any.</p>
      ) : (
        <div className="mt-2">
          <Table
            label="Erasures and legal holds"
            columns={["State", "Domain", "About", "What", "Ordered by", "Entries"]}
            isBounded
          >
            {found.data.erasures.map((erasure) => (
              <ErasureRow key={erasure.jti} erasure={erasure} onEnd={() => setOpened(erasure)} />
            ))}
          </Table>
        </div>
      )}
      {opened === null ? null : (
        <Suspense fallback={<Loading what="the form" />}>
          {opened === "erase" ? (
            <ErasureDialog domains={domains} onClose={close} />
          ) : (
            <EndHoldDialog hold={opened} onClose={close} />
          )}
        </Suspense>
      )}
    </Section>
  );
}

function ErasureRow({ erasure, onEnd }: { readonly erasure: ErasureView; onEnd(): void }) {
  const { domain, kind, about, by, reason, at, seq, shown, doneSeq, endedSeq } = erasure;
  return (
    <Row>
      <Cell isWide>
        <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
          <Mark {...erasureLook(erasure)} />
          {kind === "legal_hold" && endedSeq === null ? (
            <Button size="sm" writes onPress={onEnd}>
              End the hold …
            </Button>
          ) : null}
        </div>
      </Cell>
      <HeadCell isMono>{visibleText(domain)}</HeadCell>
      <Cell isWide>
        {"subject" in about ? (
          <Identifier value={about.subject} label="subject's id" />
        ) : (
          <>
            one record: <Identifier value={about.record.jti} label="task id" />
          </>
        )}
      </Cell>
      <Cell isWide>
        {shown === null ? (
          "nothing of these is erased"
        ) : (
          <>
            {recordsWords(shown.records)}
            <div className="text-xs text-muted">{claimsWords(shown.claims).join("; ")}</div>
          </>
        )}
      </Cell>
      <Cell isWide>
        <Identifier value={by} label="id of who ordered it" />
        <div className="text-xs text-muted">
          <UntrustedText text={reason} />
        </div>
        <div className="text-xs text-muted">
          <Instant epochMs={at * 1000} full />
        </div>
      </Cell>
      <Cell>
        <EntryOf domain={domain} seq={seq} />
        {doneSeq === null ? null : (
          <div>
            done: <EntryOf domain={domain} seq={doneSeq} />
          </div>
        )}
        {endedSeq === null ? null : (
          <div>
            ended: <EntryOf domain={domain} seq={endedSeq} />
          </div>
        )}
      </Cell>
    </Row>
  );
}
