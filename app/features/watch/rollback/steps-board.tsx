import { useState } from "react";
import { codeWords } from "../../../api/client/rollback-words.ts";
import type { RollbackResidue, RollbackStepState } from "../../../api/contract/rollback.ts";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Ago } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { Section } from "../detail/section.tsx";
import { personWords, TaskName, Who } from "./names.tsx";
import { useFirst } from "./plan-report.tsx";
import type { Shown } from "./queries.ts";
import { logWords, stepStanding } from "./rollback-words.ts";

type Which = "all" | "open" | "left";

/** Every step with its state, wave by wave: what was asked for is never shown as what came of it. */
export function StepsBoard({ shown: { rollback, residues, steps } }: { readonly shown: Shown }) {
  const [which, setWhich] = useState<Which>("all");
  const left = new Set(
    residues
      .filter(({ why }) => !isToCome(why) && (why !== "uncovered" || rollback.phase !== "executing"))
      .map(({ n }) => n),
  );
  const isLeft = ({ n }: RollbackStepState): boolean => left.has(n);
  const counts = { all: steps.length, open: steps.filter(isOpen).length, left: steps.filter(isLeft).length };
  const chosen = which === "all" ? steps : steps.filter(which === "open" ? isOpen : isLeft);
  const { shown: first, more } = useFirst(chosen.toSorted((a, b) => a.wave - b.wave || a.n - b.n));
  const waves = [...new Set(first.map(({ wave }) => wave))];
  return (
    <Section title="Steps">
      <Segmented
        label="Which steps"
        selected={which}
        onChange={setWhich}
        options={[
          { id: "all", name: `All ${formatCount(counts.all)}` },
          { id: "open", name: `${formatCount(counts.open)} asked for` },
          { id: "left", name: `${formatCount(counts.left)} not undone` },
        ]}
      />
      {first.length === 0 ? <p className="text-muted">No step stands so now.</p> : null}
      {waves.map((wave) => (
        <section key={wave} aria-label={`Wave ${wave + 1}`}>
          <h4 className="text-xs font-semibold text-muted">
            Wave {wave + 1}
            {wave === 0 ? ": the last that were done" : ""}
          </h4>
          <ul>
            {first
              .filter((step) => step.wave === wave)
              .map((step) => (
                <Step key={step.n} step={step} />
              ))}
          </ul>
        </section>
      ))}
      {more}
    </Section>
  );
}

const isOpen = ({ status }: RollbackStepState): boolean => status === "open";

const isToCome = (why: RollbackResidue["why"]): boolean => why === "waiting" || why === "open";

function Step({ step }: { readonly step: RollbackStepState }) {
  const { n, by, askedAt, endedAt, code, residue, compensation, entry, operator, gateway } = step;
  return (
    <li className="border-b border-line py-1 last:border-b-0">
      <div className="flex flex-wrap items-baseline gap-x-2">
        <span className="w-6 shrink-0 text-right text-xs text-muted tabular-nums">{n}</span>
        <span className="min-w-0 flex-1">
          <TaskName task={step} />
        </span>
        <Mark {...stepStanding(step)} size={10} />
      </div>
      <p className="flex flex-wrap gap-x-2 pl-8 text-xs text-muted">
        <span>{operator === null ? <Who id={by} /> : <bdi>{personWords(operator)}</bdi>}</span>
        {gateway === null || step.status !== "done" ? null : (
          <bdi>{visibleText(`and ${logWords(gateway)} says so`)}</bdi>
        )}
        {endedAt !== null && !step.atGateway ? (
          <span>
            over <Ago sinceMs={endedAt * 1000} />
          </span>
        ) : askedAt !== null ? (
          <span>
            asked <Ago sinceMs={askedAt * 1000} />
          </span>
        ) : null}
        {step.status === "done" || step.status === "partial" ? <Known step={step} /> : null}
        {compensation === null ? null : (
          <GoLink to="/inspector" search={{ jti: compensation }}>
            its compensation
          </GoLink>
        )}
        {entry === null ? null : (
          <GoLink to="/timeline" search={{ entry }}>
            entry {formatCount(entry)}
          </GoLink>
        )}
      </p>
      {code === null && residue.length === 0 ? null : (
        <div className="pl-8 text-xs">
          {code === null ? null : (
            <p>
              <UntrustedText text={codeWords(code)} maxCharacters={120} />
            </p>
          )}
          {residue.map((text, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the sentences of one residue have no other identity
            <p key={at}>
              Stays: <UntrustedText text={text} maxCharacters={300} />
            </p>
          ))}
        </div>
      )}
    </li>
  );
}

/** A restore is compared with its checkpoint; of everything else there is only somebody's word. */
function Known({ step: { method, restoredHash, restoredVerified } }: { readonly step: RollbackStepState }) {
  if (method === "restore" && restoredVerified)
    return <Mark shape="square" tone="good" size={10} label="digest as in its checkpoint, found by the host" />;
  const said = restoredHash === null ? "as the agent says" : "digest as in its checkpoint, the agent says";
  const words = method === "manual" ? "as the person says" : said;
  return <Mark shape="ring" tone="neutral" size={10} label={words} />;
}
