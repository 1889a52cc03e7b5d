import { useState } from "react";
import { problemOf } from "../../../api/client/problem.ts";
import type { CheckpointView } from "../../../api/contract/anchors.ts";
import { Button } from "../../../ui/button.tsx";
import { Facts } from "../../../ui/definition-list.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Identifier } from "../../../ui/identifier.tsx";
import { Section } from "../../../ui/section.tsx";
import { Loading, ProblemNote } from "../../../ui/states.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { CopyText } from "./copy-text.tsx";
import { PrintSheet } from "./print-sheet.tsx";
import { QrCode } from "./qr-code.tsx";
import { useCheckpoint, useRequest } from "./queries.ts";
import { TilesDownload } from "./tiles-download.tsx";

/** The head of this log, to be taken elsewhere: as text, as a QR code, on paper, and for a witness. */
export function OwnHead() {
  const { data, isError, error, refetch } = useCheckpoint();
  return (
    <Section
      title="Head of this log"
      aside={
        <Button size="sm" onPress={() => void refetch()}>
          Read again
        </Button>
      }
    >
      <p className="mb-2 text-muted">
        Keep it where nobody who can write this log can reach. A log that was cut or rewritten cannot give this root
        again.
      </p>
      {data !== undefined ? (
        <Head checkpoint={data.checkpoint} />
      ) : isError ? (
        <ProblemNote problem={problemOf(error)} onRetry={() => void refetch()} />
      ) : (
        <Loading what="the head" />
      )}
    </Section>
  );
}

function Head({ checkpoint }: { readonly checkpoint: CheckpointView }) {
  const { origin, size, root, note, verifierKey } = checkpoint;
  const [isQr, setIsQr] = useState(false);
  const [isPrinting, setIsPrinting] = useState(false);
  const alt = `QR code of the checkpoint over ${formatCount(size)} entries; the text above says the same`;
  return (
    <div className="space-y-2">
      <Facts
        items={[
          { term: "Log", value: <span className="font-mono text-xs">{origin}</span> },
          { term: "Entries", value: formatCount(size) },
          { term: "Root", value: <Identifier value={root} label="root" /> },
          { term: "Verifier key", value: <Identifier value={verifierKey} label="verifier key" /> },
        ]}
      />
      <TextField label="Checkpoint" value={note} onChange={() => undefined} isReadOnly multiline mono rows={6} />
      <div className="flex flex-wrap gap-2">
        <CopyText text={note} what="checkpoint" />
        <Button size="sm" aria-expanded={isQr} onPress={() => setIsQr((shown) => !shown)}>
          {isQr ? "Hide QR code" : "Show QR code"}
        </Button>
        <Button size="sm" onPress={() => setIsPrinting(true)}>
          Print …
        </Button>
      </div>
      {isQr ? <QrCode text={note} label={alt} /> : null}
      {isPrinting ? <PrintSheet checkpoint={checkpoint} onDone={() => setIsPrinting(false)} /> : null}
      <ForWitness />
      <TilesDownload />
    </div>
  );
}

/** A witness needs the proof from what it has seen before. */
function ForWitness() {
  const [seen, setSeen] = useState("0");
  const request = useRequest();
  const old = /^\d{1,15}$/.test(seen.trim()) ? Number(seen.trim()) : null;
  return (
    <div className="space-y-2 border-t border-line pt-2">
      <TextField
        label="Entries the witness has seen"
        value={seen}
        onChange={setSeen}
        mono
        maxLength={15}
        description="0 for a new one. A witness says how many it has seen where this is not enough."
        errorMessage={old === null ? "A number of entries is needed." : undefined}
      />
      <Button size="sm" isDisabled={old === null || request.isPending} onPress={() => request.mutate(old ?? 0)}>
        Make a request for a witness
      </Button>
      {request.isError ? <ProblemNote problem={problemOf(request.error)} /> : null}
      {request.data === undefined ? null : (
        <>
          <TextField
            label={`Request over ${formatCount(request.data.size)} entries`}
            value={request.data.text}
            onChange={() => undefined}
            isReadOnly
            multiline
            mono
            rows={6}
          />
          <div className="flex flex-wrap gap-2">
            <CopyText text={request.data.text} what="request" />
            {request.data.cose === null ? null : <CopyText text={request.data.cose} what="proof as a COSE receipt" />}
          </div>
        </>
      )}
    </div>
  );
}
