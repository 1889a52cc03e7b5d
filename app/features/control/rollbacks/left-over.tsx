import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import { codeWords, RESIDUE_WORDS } from "../../../api/client/rollback-words.ts";
import type { RollbackResidue } from "../../../api/contract/rollback.ts";
import { Button } from "../../../ui/button.tsx";
import { useNow } from "../../../ui/clock.ts";
import { formatCount } from "../../../ui/duration.ts";
import { MarkIcon } from "../../../ui/mark.tsx";
import { Loading, ProblemNote, StaleNote } from "../../../ui/states.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { ResidueWork } from "./residue-work.tsx";

const STEP = 20;

/** What one rollback has left, who must be told, and who deals with it: what is open first (CAS-16, CAS-33, N13). */
export function LeftOver({ rbId, wid }: { readonly rbId: string; readonly wid: string }) {
  const { orpc } = useApi();
  const shown = useQuery(orpc.rollback.show.queryOptions({ input: { rbId } }));
  const [count, setCount] = useState(STEP);
  if (shown.data === undefined)
    return shown.isError ? (
      <ProblemNote problem={problemOf(shown.error)} onRetry={() => void shown.refetch()} />
    ) : (
      <Loading what="what is left" />
    );
  const { residues } = shown.data;
  const isOver = shown.data.rollback.endedAt !== null;
  const ordered = [...residues.filter(({ settled }) => settled === null), ...residues.filter((one) => one.settled)];
  return (
    <section aria-label="What is left" className="border border-warning bg-warning-soft px-3 py-2">
      {shown.isError ? <OldNote readAtMs={shown.dataUpdatedAt} /> : null}
      <p className="flex items-center gap-2 font-semibold">
        <MarkIcon shape="triangle" tone="warning" />
        {residues.length === 1 ? "1 task is" : `${formatCount(residues.length)} tasks are`} not back as before
      </p>
      <ul className="mt-1 space-y-1">
        {ordered.slice(0, count).map((one) => (
          <Residue key={one.n} residue={one}>
            {isOver ? (
              <ResidueWork rbId={rbId} wid={wid} residue={one} name={one.name ?? one.action} isOld={shown.isError} />
            ) : null}
          </Residue>
        ))}
      </ul>
      {residues.length > count ? (
        <Button size="sm" variant="quiet" onPress={() => setCount(count + 10 * STEP)}>
          and {formatCount(residues.length - count)} more
        </Button>
      ) : null}
    </section>
  );
}

function OldNote({ readAtMs }: { readonly readAtMs: number }) {
  return <StaleNote ageMs={useNow() - readAtMs} />;
}

/** The last part of an agent's id; anything else as it is. */
const nameOf = (id: string): string => (/^spiffe:.*\/agent\//.test(id) ? (id.split("/").at(-1) ?? id) : id);

function Residue({ residue, children }: { readonly residue: RollbackResidue; readonly children: ReactNode }) {
  const { name, action, agent, why, code, tell } = residue;
  return (
    <li>
      <p>
        <UntrustedText text={name ?? action} maxCharacters={100} className="font-medium" />: {RESIDUE_WORDS[why]}
        {code === null ? null : (
          <>
            {" ("}
            <UntrustedText text={codeWords(code)} maxCharacters={80} />)
          </>
        )}
        <span className="text-muted"> by </span>
        <UntrustedText text={nameOf(agent)} maxCharacters={60} />
      </p>
      {residue.residue.map((text, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the sentences of one residue have no other identity
        <p key={at} className="pl-4">
          Stays: <UntrustedText text={text} maxCharacters={300} />
        </p>
      ))}
      {tell.length === 0 ? null : (
        <p className="pl-4 text-xs">
          To be told: <UntrustedText text={tell.map(nameOf).join(", ")} maxCharacters={300} />
        </p>
      )}
      {children}
    </li>
  );
}
