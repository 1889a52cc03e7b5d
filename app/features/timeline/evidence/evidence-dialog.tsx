import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import type { Position } from "../../../api/contract/common.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import type { Selection } from "../../../protocol/pack/request.ts";
import { Button } from "../../../ui/button.tsx";
import { Checkbox } from "../../../ui/checkbox.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Progress } from "../../../ui/progress.tsx";
import { Select } from "../../../ui/select.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { toast } from "../../../ui/toast.tsx";
import { visibleText } from "../../../ui/visible-text.ts";
import { usePack } from "./use-pack.ts";

const MAX_PURPOSE = 500;
/** As the request may name at most. */
const MAX_REDACTED = 64;

export interface EvidenceDialogProps {
  readonly position: Position;
  /** The timeline's query; empty where it shows everything, null where it cannot be read. */
  readonly expression: string | null;
  /** How many entries it means. */
  readonly matching: number | null;
  onClose(): void;
}

/** Asks for an evidence pack (XA-33): of what, what for, what stays behind; the request is signed and becomes an entry itself. */
export function EvidenceDialog({ position, expression, matching, onClose }: EvidenceDialogProps) {
  const { operator } = useOperator();
  const { orpc } = useApi();
  const workflows = useQuery(orpc.workflow.list.queryOptions()).data?.workflows ?? [];
  // Each log's own host seals packs of it; what cannot be read now cannot be exported.
  const logs = (useQuery(orpc.domains.list.queryOptions()).data?.domains ?? []).filter(
    ({ state }) => state !== "unread",
  );
  const [domain, setDomain] = useState(position.domain);
  const isInView = domain === position.domain;
  const asks = isInView && expression !== null && expression !== "";
  const [about, setAbout] = useState(asks ? QUERY : ALL);
  const [purpose, setPurpose] = useState("");
  const [leavesOut, setLeavesOut] = useState(false);
  const [taken, setTaken] = useState("");
  const { state, start, cancel } = usePack((name) => {
    toast({ title: "Evidence pack exported", detail: `${name} verifies itself when it is opened.`, tone: "neutral" });
    onClose();
  });
  const redact = placesIn(taken);
  const chosen = selectionOf(asks || about !== QUERY ? about : ALL, expression);
  // A pack of the whole log has all of it: without some entries it is a selection of all the others (XA-37).
  const selection: Selection =
    chosen.kind === "all" && redact !== null && redact.length > 0 ? { kind: "query", expression: "seq>=0" } : chosen;
  const isRunning = state.phase === "running";
  const isReady = operator !== null && purpose.trim() !== "" && !isRunning && redact !== null;
  const size = isInView ? position.size : logs.find((log) => log.domain === domain)?.size;
  const items = [
    {
      id: ALL,
      name: size === null || size === undefined ? "The whole log" : `The whole log, ${formatCount(size)} entries`,
    },
    ...(asks
      ? [
          {
            id: QUERY,
            name: `What the query means, ${matching === null ? "counting" : `${formatCount(matching)} entries`}`,
          },
        ]
      : []),
    ...workflows.map(({ wid, run: { name } }) => ({
      id: wid,
      name: `Workflow ${visibleText(name).slice(0, 60)} (${wid.slice(0, 8)})`,
    })),
  ];
  return (
    <Dialog
      title="Evidence pack"
      isOpen
      onOpenChange={onClose}
      isDismissable={!isRunning}
      footer={
        <>
          <Button variant="quiet" onPress={isRunning ? cancel : onClose}>
            Cancel
          </Button>
          <Button
            variant="primary"
            whyNot={purpose.trim() === "" ? "Say what it is for first." : null}
            isDisabled={!isReady}
            onPress={() =>
              start({
                ...{ domain, purpose: purpose.trim(), selection, redact: redact ?? [] },
                leaveOut: leavesOut ? ["recordings"] : [],
              })
            }
          >
            {isRunning ? "Exporting …" : "Sign and export"}
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <p className="text-muted">
          One file for an auditor. It opens in a browser without a network and verifies itself there;
          verifier/verify_pack.py verifies it without any of our code.
        </p>
        {logs.length < 2 ? null : (
          <Select
            label="Whose log"
            items={logs.map((log) => ({ id: log.domain, name: visibleText(log.domain) }))}
            selectedKey={domain}
            onSelectionChange={(chosen) => {
              setDomain(chosen);
              if (about === QUERY && chosen !== position.domain) setAbout(ALL);
            }}
            isDisabled={isRunning}
          />
        )}
        <Select
          label="Evidence of"
          items={items}
          selectedKey={about}
          onSelectionChange={setAbout}
          isDisabled={isRunning}
        />
        <TextField
          label="What for (recorded in the log and in the file)"
          value={purpose}
          onChange={setPurpose}
          maxLength={MAX_PURPOSE}
          isRequired
          isDisabled={isRunning}
          multiline
          rows={2}
        />
        <Checkbox isSelected={leavesOut} onChange={setLeavesOut} isDisabled={isRunning}>
          Leave the recordings out: what agents read and wrote stays here
        </Checkbox>
        <TextField
          label="Take out these entries"
          description="Their numbers, at most 64, with commas between them. Empty: none."
          value={taken}
          onChange={setTaken}
          errorMessage={redact === null ? "Numbers of entries, at most 64, with commas between them." : undefined}
          isDisabled={isRunning}
        />
        <LeftOut selection={selection} leavesOut={leavesOut} redacted={redact?.length ?? 0} />
        {operator === null ? <p className="text-warning">Sign in to ask for evidence: the request is signed.</p> : null}
        {isRunning ? (
          <Progress
            label="Exporting"
            value={state.done}
            max={state.total}
            detail={`${formatCount(state.done)} of ${formatCount(state.total)}`}
          />
        ) : null}
        {state.phase === "failed" ? (
          <div ref={intoView}>
            <ProblemNote problem={state.problem} />
          </div>
        ) : null}
      </div>
    </Dialog>
  );
}

/** The form is longer than most windows: what went wrong is not told below its edge. */
const intoView = (place: HTMLElement | null): void => place?.scrollIntoView({ block: "nearest" });

const ALL = "all";
const QUERY = "query";

function selectionOf(about: string, expression: string | null): Selection {
  if (about === ALL || (about === QUERY && (expression ?? "") === "")) return { kind: "all" };
  return about === QUERY ? { kind: "query", expression: expression ?? "" } : { kind: "workflow", wid: about };
}

/** Places of entries as they are written; null where it is no list of them. */
function placesIn(text: string): readonly number[] | null {
  const parts = text.split(/[\s,]+/).filter((part) => part !== "");
  const isList = parts.length <= MAX_REDACTED && parts.every((part) => /^\d{1,9}$/.test(part));
  return isList ? [...new Set(parts.map(Number))] : null;
}

interface LeftOutProps {
  readonly selection: Selection;
  readonly leavesOut: boolean;
  readonly redacted: number;
}

/** What the file will not have, and why: the file says the same. */
function LeftOut({ selection, leavesOut, redacted }: LeftOutProps) {
  const lines = [
    ...(selection.kind === "all"
      ? []
      : [
          "Entries that are not selected: their places are named, and each entry that is there comes with its proof. The keys and policies it rests on come with it.",
        ]),
    ...(redacted === 0
      ? []
      : [
          `${formatCount(redacted)} ${redacted === 1 ? "entry that you take" : "entries that you take"} out, and what was shown about a request among them: their places are told and counted, all other proofs hold. Other entries and recordings that quote them stay as they are.`,
        ]),
    ...(leavesOut ? ["Recordings: their digests stay, so that whoever has one can show that it is the one."] : []),
    "What people were shown when they decided, where it was not kept: its digest is there.",
  ];
  return (
    <section aria-label="What is left out">
      <h3 className="font-medium">What is left out</h3>
      <ul className="list-disc pl-5 text-muted">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}
