import { useMemo, useState } from "react";
import { redo, setDraft, undo, useSteps } from "../../../api/client/policy-drafts.ts";
import { Button } from "../../../ui/button.tsx";
import { DocumentField } from "../../../ui/document-field.tsx";
import { Mark, MarkIcon } from "../../../ui/mark.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { isInModal, isTyping, useKeys } from "../../../ui/use-keys.ts";
import { Issuing } from "../exchange/issuing.tsx";
import type { SearchProps } from "../policies-search.ts";
import { type Draft, type PolicyAnswer, textOf } from "../use-policy.ts";
import { word } from "../words.ts";
import { DraftForm } from "./draft-form.tsx";
import { DrawnDraft } from "./drawn-draft.tsx";
import { readForm } from "./form-document.ts";
import { codeWords, messageWords, nodeOf, placeWords } from "./problems.ts";

export interface EditTabProps extends SearchProps {
  readonly answer: PolicyAnswer;
  readonly draft: Draft | null;
}

/** A changed policy, checked while it is typed by the rules of the enforcement point (P1). */
export function EditTab({ answer, draft, search, setSearch }: EditTabProps) {
  const { jti } = answer.policy;
  const issued = textOf(answer.claims);
  const text = draft?.text ?? issued;
  const problems = draft === null || draft.checked.ok ? [] : draft.checked.error;
  const change = (next: string, place: string | null): void => setDraft(jti, next === issued ? null : next, place);
  const pick = (node: string): void => setSearch({ node }, { replace: true });
  const asJson = (): void => setSearch({ editor: "json" }, { replace: true });
  useKeys({ "$mod+z": stepBy(() => undo(jti)), "$mod+Shift+z": stepBy(() => redo(jti)) });
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <Segmented
          label="Edit as"
          selected={search.editor ?? "form"}
          onChange={(id) => setSearch({ editor: id === "json" ? "json" : undefined }, { replace: true })}
          options={[
            { id: "form", name: "Form" },
            { id: "json", name: "JSON" },
          ]}
        />
        <Steps jti={jti} />
        {draft === null ? null : (
          <>
            <Button
              onPress={() => {
                setDraft(jti, null);
                setSearch({ version: undefined }, { replace: true });
              }}
            >
              Discard the draft
            </Button>
            <CopyButton text={text} />
          </>
        )}
      </div>
      <Verdict
        draft={draft}
        onNode={(node) => setSearch({ node, editor: undefined }, { replace: true })}
        chosen={search.node}
      />
      <div className="grid min-w-0 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_26rem]">
        <div className="min-w-0 xl:sticky xl:top-0 xl:order-last">
          <DrawnDraft text={text} node={search.node} onNode={pick} />
        </div>
        {search.editor === "json" ? (
          <DocumentField
            label="Claims of the acp+jwt"
            text={text}
            onChange={(next) => change(next, "text")}
            problems={problems}
            description="As they will be signed; the same checks as the enforcement point's."
            rows={24}
          />
        ) : (
          <DraftForm
            key={jti}
            text={text}
            problems={problems}
            onChange={change}
            node={search.node}
            onNode={pick}
            onJson={asJson}
          />
        )}
      </div>
      <Issuing answer={answer} draft={draft} setSearch={setSearch} />
    </div>
  );
}

/** In a field and in a dialog these keys are the browser's. */
const stepBy = (step: () => void) => (event: KeyboardEvent) => {
  if (isTyping(event.target) || isInModal(event.target)) return;
  event.preventDefault();
  step();
};

function Steps({ jti }: { readonly jti: string }) {
  const { canUndo, canRedo } = useSteps(jti);
  return (
    <span className="inline-flex gap-1">
      <Button isDisabled={!canUndo} onPress={() => undo(jti)}>
        Undo
      </Button>
      <Button isDisabled={!canRedo} onPress={() => redo(jti)}>
        Redo
      </Button>
    </span>
  );
}

interface VerdictProps {
  readonly draft: Draft | null;
  readonly chosen: string | undefined;
  onNode(id: string): void;
}

/** Problems that are listed; the others stand beside their fields. */
const MAX_LISTED = 8;

/** Every problem with its code in words and its place, and the way to it where its fields are not in view. */
function Verdict({ draft, chosen, onNode }: VerdictProps) {
  const read = useMemo(() => (draft === null ? null : readForm(draft.text)), [draft]);
  if (draft === null) return <p role="status">Not changed: this is the policy as it was issued.</p>;
  if (draft.checked.ok)
    return (
      <p role="status">
        <span className="inline-flex items-baseline gap-1.5">
          <span className="self-center">
            <MarkIcon shape="dot" tone="good" />
          </span>
          A policy that the enforcement point would take. It is not issued.
        </span>
      </p>
    );
  const problems = draft.checked.error;
  const document = read?.document ?? null;
  return (
    <div role="status" className="flex flex-col gap-1">
      <Mark shape="triangle" tone="warning" label="Not a policy that can be issued:" />
      <ul aria-label="Problems" className="ml-5 list-disc">
        {problems.slice(0, MAX_LISTED).map((problem) => {
          const node = document === null ? null : nodeOf(problem.place, document);
          return (
            <li key={`${problem.place} ${problem.message}`}>
              <span className="font-mono text-xs">{problem.code}</span> at{" "}
              <UntrustedText text={placeWords(problem.place, document)} maxCharacters={120} />:{" "}
              <UntrustedText text={messageWords(problem)} />.{" "}
              <span className="text-muted">{codeWords(problem.code)}</span>{" "}
              {node === null || node === "" || node === chosen ? null : (
                <Button size="sm" onPress={() => onNode(node)}>
                  Show {word(node)}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {problems.length > MAX_LISTED ? <p>and {problems.length - MAX_LISTED} more, each at its field.</p> : null}
    </div>
  );
}

function CopyButton({ text }: { readonly text: string }) {
  const [said, setSaid] = useState("");
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setSaid("Copied."),
      // The browser may refuse the clipboard; the text can be selected as JSON.
      () => setSaid("Not copied: select it as JSON."),
    );
  };
  return (
    <>
      <Button onPress={copy}>Copy the draft</Button>
      <span role="status" className="text-muted">
        {said}
      </span>
    </>
  );
}
