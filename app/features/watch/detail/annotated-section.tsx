import { blamedWho, blameWord, WHOSE_BLAME } from "../../../api/client/blame-words.ts";
import type { RunBlame } from "../../../protocol/run/recorded-run.ts";
import { Mark } from "../../../ui/mark.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import type { WorkflowModel } from "../use-workflow.ts";
import { Section } from "./section.tsx";

export interface AnnotatedSectionProps {
  readonly task: number;
  readonly model: WorkflowModel;
  onShow(task: number): void;
}

/** Who is to blame by the recording's annotation (BEH-60): this step, and the others, which lead to their tasks. */
export function AnnotatedSection({ task, model, onShow }: AnnotatedSectionProps) {
  const { run } = model.view.tasks;
  const { blame = [], ids } = run;
  if (blame.length === 0) return null;
  const own = blame.filter((one) => one.task === ids[task]);
  const others = blame.filter((one) => one.task !== ids[task]);
  return (
    <Section
      title="Annotated in the recording"
      aside={<Mark shape="ring" tone="neutral" label="not found here" size={10} />}
    >
      <p className="text-xs text-muted">{WHOSE_BLAME}</p>
      {own.map((one) => (
        <Own key={`${one.step} ${one.category} ${one.text}`} blame={one} acted={actor(model, task)} />
      ))}
      {own.length === 0 ? <p>Nothing is noted about this step.</p> : null}
      {others.length === 0 ? null : (
        <div>
          <h4 className="text-xs font-medium text-muted">
            {own.length === 0 ? "Noted" : "Also noted"} in this recording
          </h4>
          <ul>
            {others.map((one) => (
              <li key={`${one.step} ${one.category} ${one.text}`}>
                <Other blame={one} at={one.task === null ? -1 : ids.indexOf(one.task)} onShow={onShow} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </Section>
  );
}

function actor(model: WorkflowModel, task: number): { readonly id: string; readonly name: string } | null {
  const { run } = model.view.tasks;
  return run.agents[run.agent[task] ?? -1] ?? null;
}

function Own({ blame, acted }: { readonly blame: RunBlame; readonly acted: ReturnType<typeof actor> }) {
  return (
    <div className="flex flex-col gap-1 border-l-2 border-strong pl-2">
      <p>
        <Mark shape={blame.cause ? "triangle" : "diamond"} tone="neutral" label={blameWord(blame)} />
      </p>
      <p>
        Blames <UntrustedText text={blame.named === "" ? "nobody by name" : blame.named} maxCharacters={120} />
        {blame.category === null ? null : (
          <>
            : <UntrustedText text={blame.category} maxCharacters={200} />
          </>
        )}
      </p>
      {acted === null || blame.agent === acted.id ? null : (
        <p className="text-muted">
          In this step another agent acted: <UntrustedText text={acted.name} maxCharacters={120} />
        </p>
      )}
      {blame.text === "" ? null : <UntrustedText text={blame.text} multiline maxCharacters={1500} />}
      <p className="text-xs text-muted">
        step {blame.step}, noted in <UntrustedText text={blame.source} mono maxCharacters={120} />
      </p>
    </div>
  );
}

function Other({ blame, at, onShow }: { readonly blame: RunBlame; readonly at: number; onShow(task: number): void }) {
  const words = `${blamedWho(blame, visibleText)}: ${blameWord(blame)}`;
  if (at < 0) return <span className="text-muted">{words}; the recording has no such step</span>;
  return (
    <button
      type="button"
      onClick={() => onShow(at)}
      className="w-full truncate rounded-sm px-1 py-0.5 text-left text-accent hover:bg-sunken"
    >
      <bdi>{words}</bdi>
    </button>
  );
}
