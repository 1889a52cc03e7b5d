import { useState } from "react";
import { setNextPolicy, useNextPolicy } from "../../../api/client/next-policies.ts";
import { Button } from "../../../ui/button.tsx";
import { DocumentField } from "../../../ui/document-field.tsx";
import { GoLink } from "../../../ui/go-link.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { setDraft } from "../drafts.ts";
import type { SearchProps } from "../policies-search.ts";
import { type Draft, type PolicyAnswer, textOf } from "../use-policy.ts";
import { DraftForm } from "./draft-form.tsx";

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
  const change = (next: string): void => setDraft(jti, next === issued ? null : next);
  return (
    <div className="flex flex-col gap-3">
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
      <Verdict draft={draft} />
      {search.editor === "json" ? (
        <DocumentField
          label="Claims of the acp+jwt"
          text={text}
          onChange={change}
          problems={problems}
          description="As they will be signed; the same checks as the enforcement point's."
          rows={24}
        />
      ) : (
        <DraftForm
          text={text}
          problems={problems}
          onChange={change}
          node={search.node}
          onNode={(node) => setSearch({ node }, { replace: true })}
        />
      )}
      <Issuing answer={answer} draft={draft} />
    </div>
  );
}

/** Every problem with its code and its place. */
function Verdict({ draft }: { readonly draft: Draft | null }) {
  if (draft === null) return <p role="status">Not changed: this is the policy as it was issued.</p>;
  if (draft.checked.ok)
    return (
      <p role="status">
        <Mark shape="dot" tone="good" label="A policy that the enforcement point would take. It is not issued." />
      </p>
    );
  return (
    <div role="status" className="flex flex-col gap-1">
      <Mark shape="triangle" tone="warning" label="Not a policy that can be issued:" />
      <ul className="ml-5 list-disc">
        {draft.checked.error.slice(0, 8).map((problem) => (
          <li key={`${problem.place} ${problem.message}`}>
            <span className="font-mono text-xs">{problem.code}</span> at{" "}
            <UntrustedText text={problem.place} mono maxCharacters={120} />: <UntrustedText text={problem.message} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What can be done with a draft, and what cannot. */
function Issuing({ answer, draft }: { readonly answer: PolicyAnswer; readonly draft: Draft | null }) {
  const { wid, workflow } = answer.policy;
  const isStopped = workflow?.status === "stopped";
  return (
    <div className="flex max-w-3xl flex-col items-start gap-2 border-t border-line pt-3">
      <p className="text-muted">
        {isStopped
          ? "This workflow is stopped: when it is started again in Watch, it is under the policy that is signed there."
          : "The policy of a running workflow cannot be exchanged here: the draft decides nothing until it is issued, and a policy is issued when a run is started. There the form begins with what the recording says, and JSON can be pasted."}{" "}
        Try it and replay it first.{" "}
        <GoLink to="/watch" search={{ wid }}>
          Go to the workflow
        </GoLink>
      </p>
      {isStopped && draft?.checked.ok === true ? <ForNextStart wid={wid} text={draft.text} /> : null}
    </div>
  );
}

function ForNextStart({ wid, text }: { readonly wid: string; readonly text: string }) {
  const kept = useNextPolicy(wid);
  return (
    <>
      <Button isDisabled={kept === text} onPress={() => setNextPolicy(wid, text)}>
        Use it for the next start
      </Button>
      <p role="status" className="text-muted">
        {kept === text
          ? "“Start again under a new policy” in Watch begins with this draft. It is issued when you sign it there."
          : ""}
      </p>
    </>
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
