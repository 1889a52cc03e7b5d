import { codeWords, RESIDUE_WORDS } from "../../../api/client/rollback-words.ts";
import type { RollbackResidue } from "../../../api/contract/rollback.ts";
import { formatCount } from "../../../ui/duration.ts";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { Section } from "../detail/section.tsx";
import { TaskName, ToTell } from "./names.tsx";
import { useFirst } from "./plan-report.tsx";

export interface ResiduesProps {
  readonly residues: readonly RollbackResidue[];
  /** Every step has its outcome; before, what is listed may still be undone. */
  readonly isOver: boolean;
}

/** Everything that is not back as it was, and who must be told (CAS-16, N13). */
export function Residues({ residues, isOver }: ResiduesProps) {
  if (residues.length === 0)
    return isOver ? <p>Nothing is left: what was to be undone is, and what was skipped had changed nothing.</p> : null;
  return (
    <Section title={isOver ? "What is left" : "Not undone yet"} aside={formatCount(residues.length)}>
      <ResidueList residues={residues} />
    </Section>
  );
}

export function ResidueList({
  residues,
  plain = false,
}: Pick<ResiduesProps, "residues"> & { readonly plain?: boolean }) {
  const { shown, more } = useFirst(residues);
  return (
    <>
      <ul aria-label="What is left" className="space-y-2">
        {shown.map((one) => (
          <li key={one.n} className="border-l-2 border-warning pl-2">
            <p>
              <TaskName task={one} plain={plain} />: {RESIDUE_WORDS[one.why]}
              {one.code === null ? null : (
                <>
                  {" ("}
                  <UntrustedText text={codeWords(one.code)} maxCharacters={80} />)
                </>
              )}
            </p>
            {one.residue.length === 0 ? null : (
              <ul className="list-disc pl-5">
                {one.residue.map((text, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the sentences of one residue have no other identity
                  <li key={at}>
                    <UntrustedText text={text} maxCharacters={300} />
                  </li>
                ))}
              </ul>
            )}
            {one.writes.length === 0 ? null : (
              <p className="text-xs">
                <span className="text-muted">Changed: </span>
                <UntrustedText text={one.writes.join(", ")} maxCharacters={200} mono />
              </p>
            )}
            <div className="text-xs">
              <ToTell tell={one.tell} />
            </div>
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}
