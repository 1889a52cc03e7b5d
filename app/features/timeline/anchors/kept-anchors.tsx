import { useState } from "react";
import { problemOf } from "../../../api/client/problem.ts";
import type { AnchorView } from "../../../api/contract/anchors.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Identifier } from "../../../ui/identifier.tsx";
import { Instant } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Section } from "../../../ui/section.tsx";
import { Loading, ProblemNote } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { useAnchorList, useForget, useKeep } from "./queries.ts";

/** Heads of this log that came back, and how the log stands to each. */
export function KeptAnchors() {
  const { data, isError, error, refetch } = useAnchorList();
  return (
    <Section title="Anchors of this log">
      {data !== undefined ? (
        data.anchors.length === 0 ? (
          <p className="text-muted">None yet: a tail that is cut off together with its heads would not be missed.</p>
        ) : (
          <ul className="divide-y divide-line border-y border-line">
            {data.anchors.map((anchor) => (
              <AnchorRow key={`${anchor.size} ${anchor.root}`} anchor={anchor} />
            ))}
          </ul>
        )
      ) : isError ? (
        <ProblemNote problem={problemOf(error)} onRetry={() => void refetch()} />
      ) : (
        <Loading what="the anchors" />
      )}
      <KeepForm />
    </Section>
  );
}

const STANDING = {
  agrees: { shape: "dot", tone: "good", label: "The log agrees" },
  shorter: { shape: "cross", tone: "critical", label: "The log is shorter" },
  different: { shape: "cross", tone: "critical", label: "The log has other entries" },
} as const;

function AnchorRow({ anchor }: { readonly anchor: AnchorView }) {
  const { size, root, witnesses, keptAtMs, standing } = anchor;
  return (
    <li className="space-y-0.5 py-1.5">
      <div className="flex flex-wrap items-baseline gap-x-2">
        <span className="flex-1 font-medium">{formatCount(size)} entries</span>
        <Mark {...STANDING[standing]} />
      </div>
      {witnesses.length === 0 ? (
        <p className="text-muted">A copy of the log's own checkpoint; nobody else has signed it.</p>
      ) : (
        witnesses.map(({ name, timeS, verifierKey }) => (
          <p key={verifierKey}>
            Witnessed by <UntrustedText text={name} maxCharacters={120} mono />
            {timeS === null ? null : (
              <span className="text-muted">
                , by its word <Instant epochMs={timeS * 1000} full />
              </span>
            )}
          </p>
        ))
      )}
      <p className="text-xs text-muted">
        Root <Identifier value={root} label="root of the anchor" />, kept <Instant epochMs={keptAtMs} />
      </p>
      <Forget anchor={anchor} />
    </li>
  );
}

/** Two presses: an anchor that is gone can show nothing any more. */
function Forget({ anchor }: { readonly anchor: AnchorView }) {
  const [sure, setSure] = useState(false);
  const forget = useForget();
  if (!sure)
    return (
      <Button size="sm" variant="quiet" onPress={() => setSure(true)}>
        Forget …
      </Button>
    );
  return (
    <div className="flex flex-wrap items-center gap-2">
      <span>Nothing here can show its contradiction again.</span>
      <Button size="sm" variant="danger" isDisabled={forget.isPending} onPress={() => forget.mutate(anchor)}>
        Forget this anchor
      </Button>
      <Button size="sm" onPress={() => setSure(false)}>
        Keep it
      </Button>
      {forget.isError ? <ProblemNote problem={problemOf(forget.error)} /> : null}
    </div>
  );
}

function KeepForm() {
  const [note, setNote] = useState("");
  const [keys, setKeys] = useState("");
  const keep = useKeep();
  const submit = (): void =>
    keep.mutate(
      { note: `${note.trim()}\n`, witnessKeys: keys.split(/\s+/).filter((key) => key !== "") },
      {
        onSuccess: () => {
          setNote("");
          setKeys("");
        },
      },
    );
  return (
    <div className="mt-2 space-y-2">
      <TextField
        label="Checkpoint that came back"
        value={note}
        onChange={setNote}
        multiline
        mono
        rows={4}
        description="Signed by a witness, a witness's signature alone, or a copy that was kept elsewhere."
      />
      <TextField
        label="Keys of its witnesses"
        value={keys}
        onChange={setKeys}
        multiline
        mono
        rows={2}
        description="One a line; those of earlier anchors count anyway. A signature by an unknown key counts for nothing."
      />
      <Button
        writes
        size="sm"
        whyNot={note.trim() === "" ? "Paste the checkpoint that came back first." : null}
        isDisabled={keep.isPending}
        onPress={submit}
      >
        Keep as an anchor
      </Button>
      {keep.isError ? <ProblemNote problem={problemOf(keep.error)} /> : null}
      <p role="status">
        {keep.data === undefined
          ? ""
          : keep.data.standing === "agrees"
            ? `Kept. The log agrees with it, ${witnessed(keep.data.witnesses.length)}.`
            : "Kept. The log contradicts it; its verification says where."}
      </p>
    </div>
  );
}

const witnessed = (count: number): string =>
  count === 0
    ? "and no witness has signed it"
    : `as ${count === 1 ? "one witness has" : `${count} witnesses have`} seen it`;
