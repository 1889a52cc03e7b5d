import { useState } from "react";
import { problemOf } from "../../../api/client/problem.ts";
import type { WatchedLog } from "../../../api/contract/anchors.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Identifier } from "../../../ui/identifier.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { CopyText } from "./copy-text.tsx";
import { useAcknowledge, useCompromised, useWatched, useWitness } from "./queries.ts";

/** This console as a witness of other logs: what it has seen of them, and its signature where that goes on. */
export function WitnessForm() {
  const watched = useWatched();
  return (
    <Section title="Witness another log">
      <p className="mb-2 text-muted">
        This console signs a head of another log where it grew out of what was seen of that log here before.
      </p>
      <SignForm />
      {watched.data === undefined ? null : (
        <>
          <p className="mt-2 text-xs text-muted">
            Its key as a witness: <Identifier value={watched.data.witness.verifierKey} label="witness key" />
          </p>
          {watched.data.logs.length === 0 ? null : (
            <ul className="mt-2 divide-y divide-line border-y border-line" aria-label="Logs watched here">
              {watched.data.logs.map((log) => (
                <WatchedRow key={log.verifierKey} log={log} />
              ))}
            </ul>
          )}
        </>
      )}
      {watched.isError ? (
        <ProblemNote problem={problemOf(watched.error)} onRetry={() => void watched.refetch()} />
      ) : null}
    </Section>
  );
}

function SignForm() {
  const [request, setRequest] = useState("");
  const [logKey, setLogKey] = useState("");
  const witness = useWitness();
  const submit = (): void =>
    witness.mutate({ request: `${request.trim()}\n`, ...(logKey.trim() === "" ? {} : { logKey: logKey.trim() }) });
  return (
    <div className="space-y-2">
      <TextField label="Request of the log" value={request} onChange={setRequest} multiline mono rows={4} />
      <TextField
        label="Verifier key of the log"
        value={logKey}
        onChange={setLogKey}
        mono
        maxLength={200}
        description="Needed the first time: it decides whose log this is. Take it from somebody you trust."
      />
      <Button
        writes
        size="sm"
        whyNot={request.trim() === "" ? "Paste the request of the log first." : null}
        isDisabled={witness.isPending}
        onPress={submit}
      >
        Check it and sign
      </Button>
      {witness.isError ? <ProblemNote problem={problemOf(witness.error)} /> : null}
      {witness.data === undefined ? null : (
        <>
          <p role="status">
            Signed: {formatCount(witness.data.log.pinned?.size ?? 0)} entries of{" "}
            <UntrustedText text={witness.data.log.origin} maxCharacters={120} mono />. Give this back, with the witness
            key below.
          </p>
          <TextField
            label="Witnessed checkpoint"
            value={witness.data.note}
            onChange={() => undefined}
            isReadOnly
            multiline
            mono
            rows={6}
          />
          <CopyText text={witness.data.note} what="witnessed checkpoint" />
        </>
      )}
    </div>
  );
}

const STATES = {
  fresh: { shape: "ring", tone: "neutral", label: "First head only" },
  consistent: { shape: "dot", tone: "good", label: "Consistent" },
  stale: { shape: "triangle", tone: "warning", label: "Not heard lately" },
  inconsistent: { shape: "cross", tone: "critical", label: "Contradicts itself" },
} as const;

const SAID: Readonly<Record<string, string>> = {
  log_split_view: "It has signed two roots over one number of entries.",
  log_inconsistent: "A later head did not grow out of the earlier one.",
  log_shrunk: "It became shorter.",
  log_time_order: "A later head is dated before the earlier one.",
};

function WatchedRow({ log }: { readonly log: WatchedLog }) {
  const { origin, verifierKey, state, pinned, contradiction, compromisedAtMs } = log;
  return (
    <li className="space-y-0.5 py-1.5">
      <div className="flex flex-wrap items-baseline gap-x-2">
        <span className="min-w-0 flex-1">
          <UntrustedText text={origin} maxCharacters={120} mono />
        </span>
        <Mark {...STATES[state]} />
      </div>
      <p className="text-xs text-muted">
        {pinned === null ? (
          "no head pinned"
        ) : (
          <>
            {formatCount(pinned.size)} entries, first seen <Instant epochMs={pinned.seenAtMs} full />
          </>
        )}
        , key <Identifier value={verifierKey} label="log's key" />
      </p>
      {contradiction === null ? null : <Contradiction log={log} contradiction={contradiction} />}
      {compromisedAtMs === null ? (
        <Compromised log={log} />
      ) : (
        <p className="text-warning">
          Its key is in other hands since <Instant epochMs={compromisedAtMs} full />: heads seen after that count for
          nothing.
        </p>
      )}
    </li>
  );
}

function Contradiction({
  log,
  contradiction,
}: {
  readonly log: WatchedLog;
  readonly contradiction: NonNullable<WatchedLog["contradiction"]>;
}) {
  const acknowledge = useAcknowledge();
  const { code, before, after } = contradiction;
  const from = (which: "before" | "after") => () => acknowledge.mutate({ verifierKey: log.verifierKey, from: which });
  return (
    <div className="space-y-1 border border-critical bg-critical-soft p-2">
      <p>{SAID[code] ?? code} No head of it is signed until somebody says which one to go on from.</p>
      <p className="text-xs">
        Before: {formatCount(before.size)} entries, <Identifier value={before.root} label="root before" />. After:{" "}
        {formatCount(after.size)} entries, <Identifier value={after.root} label="root after" />.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button writes size="sm" isDisabled={acknowledge.isPending} onPress={from("before")}>
          Go on from the earlier head
        </Button>
        <Button size="sm" variant="danger" isDisabled={acknowledge.isPending} onPress={from("after")}>
          Go on from the later head
        </Button>
      </div>
      {acknowledge.isError ? <ProblemNote problem={problemOf(acknowledge.error)} /> : null}
    </div>
  );
}

/** Two presses: heads that are let go are not pinned again by themselves. */
function Compromised({ log }: { readonly log: WatchedLog }) {
  const [sure, setSure] = useState(false);
  const mark = useCompromised();
  if (!sure)
    return (
      <Button size="sm" variant="quiet" onPress={() => setSure(true)}>
        Its key was stolen …
      </Button>
    );
  return (
    <div className="flex flex-wrap items-center gap-2">
      <span>Heads that come from now on count for nothing; what was pinned before stays.</span>
      <Button
        size="sm"
        variant="danger"
        isDisabled={mark.isPending}
        onPress={() => mark.mutate({ verifierKey: log.verifierKey, atMs: Date.now() })}
      >
        Distrust it from now on
      </Button>
      <Button size="sm" onPress={() => setSure(false)}>
        Leave it
      </Button>
      {mark.isError ? <ProblemNote problem={problemOf(mark.error)} /> : null}
    </div>
  );
}
