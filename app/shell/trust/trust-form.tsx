import { useQueryClient } from "@tanstack/react-query";
import { type DragEvent, useState } from "react";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf, type ShownProblem } from "../../api/client/problem.ts";
import type { ExaminedTrust } from "../../api/contract/trust.ts";
import { MAX_TRUST_TEXT } from "../../api/contract/trust-text.ts";
import { useStateTrust } from "../../operator/use-trust.ts";
import { Button } from "../../ui/button.tsx";
import { ProblemNote } from "../../ui/states.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { type Candidate, candidatesOf, chosenOf, holdsPrivate, NOBODYS_KEYS } from "./candidates.ts";
import { CandidateFields, KeySetFields } from "./trust-fields.tsx";

/** Certificates or keys, pasted, dropped or from a file; looked at, and then signed, each as a statement of its own. */
export function TrustForm({ onDone }: { onDone(): void }) {
  const { client, orpc } = useApi();
  const queries = useQueryClient();
  const state = useStateTrust();
  const [text, setText] = useState("");
  const [seen, setSeen] = useState<ExaminedTrust | null>(null);
  const [candidates, setCandidates] = useState<readonly Candidate[]>([]);
  const [keySet, setKeySet] = useState(NOBODYS_KEYS);
  const [openedMs] = useState(Date.now);
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<ShownProblem | null>(null);
  const [fileProblem, setFileProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  const work = async (step: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setProblem(null);
    await step().catch((error: unknown) => setProblem(problemOf(error)));
    setBusy(false);
  };
  const look = async (given: string): Promise<void> => {
    setSeen(null);
    setProblem(null);
    // Before anything of it leaves this page.
    const isPrivate = holdsPrivate(given);
    setFileProblem(isPrivate ? "It holds a private key, and was not sent. Give the public parts alone." : null);
    if (isPrivate) return;
    await work(async () => {
      const found = await client.identity.examineTrust({ text: given });
      setSeen(found);
      setCandidates(candidatesOf(found));
    });
  };
  const take = (file: File | undefined): void => {
    if (file === undefined) return;
    if (file.size > MAX_TRUST_TEXT) {
      setFileProblem(`The file has ${file.size} bytes; at most ${MAX_TRUST_TEXT} are read.`);
      return;
    }
    file.text().then(
      (given) => {
        setText(given);
        void look(given);
      },
      () => setFileProblem("The browser did not let the file be read."),
    );
  };

  const chosen = seen === null ? [] : chosenOf(seen, candidates, keySet, openedMs);
  const mayGive = chosen !== null && chosen.length > 0 && reason.trim() !== "" && !isBusy;
  const sign = (): Promise<void> =>
    work(async () => {
      for (const trust of chosen ?? []) {
        await state({ trust }, reason.trim());
        // What is stated is not signed again where a later one is refused.
        setCandidates((before) => before.filter(({ der }) => !("certificate" in trust) || trust.certificate !== der));
      }
      await queries.invalidateQueries({ queryKey: orpc.identity.key() });
      onDone();
    });

  return (
    <form
      aria-label="Trust something"
      className="space-y-3 border border-strong p-3"
      onDragOver={(event: DragEvent) => {
        if (event.dataTransfer.types.includes("Files")) event.preventDefault();
      }}
      onDrop={(event: DragEvent) => {
        if (event.dataTransfer.files.length === 0) return;
        event.preventDefault();
        take(event.dataTransfer.files[0]);
      }}
      onSubmit={(event) => {
        event.preventDefault();
        if (mayGive) void sign();
      }}
    >
      <TextField
        label="Certificates (PEM) or a JWK Set"
        value={text}
        onChange={(given) => {
          setText(given);
          setSeen(null);
        }}
        multiline
        mono
        rows={6}
        description="Paste it, drop a file here, or choose one. Public parts only."
        errorMessage={fileProblem ?? undefined}
      />
      <div className="flex flex-wrap gap-2">
        <FileTrigger onSelect={(files) => take(files?.[0])}>
          <Button>Choose a file …</Button>
        </FileTrigger>
        <Button onPress={() => void look(text)} isDisabled={text.trim() === "" || isBusy}>
          Look at it
        </Button>
      </div>
      {seen === null ? null : (
        <>
          {candidates.map((candidate) => (
            <CandidateFields
              key={candidate.facts.fingerprint}
              candidate={candidate}
              onChange={(next) => setCandidates(candidates.map((one) => (one === candidate ? next : one)))}
            />
          ))}
          {seen.keys.length === 0 ? null : (
            <KeySetFields keys={seen.keys.map(({ key }) => key)} value={keySet} onChange={setKeySet} />
          )}
          {seen.leftOut.length === 0 ? null : (
            <div>
              <p>Left out:</p>
              <ul className="list-disc pl-5">
                {seen.leftOut.map(({ what, why }) => (
                  <li key={what}>
                    {visibleText(what)}: {why}
                  </li>
                ))}
              </ul>
            </div>
          )}
          <TextField label="Why (recorded)" value={reason} onChange={setReason} maxLength={500} isRequired />
        </>
      )}
      {problem === null ? null : <ProblemNote problem={problem} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button variant="quiet" onPress={onDone}>
          Trust nothing
        </Button>
        <Button variant="primary" type="submit" isDisabled={!mayGive}>
          {isBusy
            ? "Working …"
            : (chosen?.length ?? 0) > 1
              ? `Sign ${chosen?.length} statements`
              : "Sign the statement"}
        </Button>
      </div>
    </form>
  );
}
