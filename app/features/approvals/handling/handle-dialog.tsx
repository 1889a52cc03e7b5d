import { useState } from "react";
import { problemOf } from "../../../api/client/problem.ts";
import { Button } from "../../../ui/button.tsx";
import { useNow } from "../../../ui/clock.ts";
import { Dialog } from "../../../ui/dialog.tsx";
import { Select } from "../../../ui/select.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { REASON_MAX } from "../decision.ts";
import { returnTimes } from "./return-times.ts";
import type { HandleForm } from "./use-handle.ts";

const TITLES = {
  shelve: "Shelve for everybody",
  defer: "Not now",
  respond: "Answer the agent",
} as const;

/** The time, the reason or the words that a verb needs first. */
export function HandleDialog({ form, leftMs }: { readonly form: HandleForm; readonly leftMs: number | null }) {
  if (form.open === null) return null;
  return (
    <Dialog title={TITLES[form.open]} size="sm" isOpen onOpenChange={(isOpen) => (isOpen ? undefined : form.close())}>
      {form.open === "respond" ? (
        <RespondForm form={form} />
      ) : (
        <AsideForm key={form.open} verb={form.open} form={form} leftMs={leftMs} />
      )}
    </Dialog>
  );
}

interface AsideFormProps {
  readonly verb: "shelve" | "defer";
  readonly form: HandleForm;
  readonly leftMs: number | null;
}

function AsideForm({ verb, form, leftMs }: AsideFormProps) {
  const times = returnTimes(leftMs ?? 0);
  const nowMs = useNow();
  const [chosen, setChosen] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const time = times.find(({ id }) => id === chosen) ?? times[0];
  const missing = verb === "shelve" && reason.trim() === "";
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (time === undefined || missing) return;
        const untilS = Math.floor((nowMs + time.afterMs) / 1000);
        form.send({ untilS, ...(verb === "shelve" ? { reason: reason.trim() } : {}) });
      }}
    >
      {form.error === null ? null : <ProblemNote problem={problemOf(form.error)} />}
      {time === undefined ? (
        <p className="text-warning">It is due too soon to be put away: decide it.</p>
      ) : (
        <Select
          label="Comes back"
          items={times.map(({ id, name }) => ({ id, name }))}
          selectedKey={time.id}
          onSelectionChange={(id) => setChosen(String(id))}
        />
      )}
      {verb === "shelve" ? (
        <TextField
          label="Reason"
          value={reason}
          onChange={setReason}
          multiline
          maxLength={REASON_MAX}
          isRequired
          autoFocus
          description="Everybody sees it, and so does the log."
        />
      ) : null}
      <p className="text-muted">
        {verb === "shelve"
          ? "It stays on the list of what is shelved, comes back by itself, and its deadline goes on running."
          : "Only your own queue is without it. It comes back by itself, and its deadline goes on running."}
      </p>
      <div className="flex justify-end gap-2">
        <Button onPress={form.close}>Back</Button>
        <Button type="submit" variant="primary" isDisabled={time === undefined || missing || form.isSending}>
          {form.isSending ? "Signing …" : verb === "shelve" ? "Shelve" : "Put off"}
        </Button>
      </div>
    </form>
  );
}

function RespondForm({ form }: { readonly form: HandleForm }) {
  const [text, setText] = useState("");
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "") form.send({ text: text.trim() });
      }}
    >
      {form.error === null ? null : <ProblemNote problem={problemOf(form.error)} />}
      <TextField
        label="For the agent"
        value={text}
        onChange={setText}
        multiline
        rows={5}
        maxLength={2000}
        isRequired
        autoFocus
        description="Signed and kept with the request. It is no approval and no refusal."
      />
      <p className="text-muted">A re-enacted agent plays a recording: it cannot read this.</p>
      <div className="flex justify-end gap-2">
        <Button onPress={form.close}>Back</Button>
        <Button type="submit" variant="primary" isDisabled={text.trim() === "" || form.isSending}>
          {form.isSending ? "Signing …" : "Answer"}
        </Button>
      </div>
    </form>
  );
}
