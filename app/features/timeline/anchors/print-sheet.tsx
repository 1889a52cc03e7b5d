import { useEffect, useEffectEvent } from "react";
import { createPortal } from "react-dom";
import type { CheckpointView } from "../../../api/contract/anchors.ts";
import { formatCount } from "../../../ui/duration.ts";
import { QrCode } from "./qr-code.tsx";

/** A sheet of paper with the head on it, printed in the place of the page; ends when the browser has taken it. */
export function PrintSheet({ checkpoint, onDone }: { readonly checkpoint: CheckpointView; onDone(): void }) {
  const { origin, size, root, note, verifierKey } = checkpoint;
  const done = useEffectEvent(onDone);
  useEffect(() => {
    const ended = (): void => done();
    window.addEventListener("afterprint", ended);
    window.print();
    return () => window.removeEventListener("afterprint", ended);
  }, []);
  return createPortal(
    <div className="print-sheet space-y-4 p-8">
      <h1 className="text-lg font-semibold">Head of a log</h1>
      <p>
        {origin}, {formatCount(size)} entries
      </p>
      <QrCode text={note} label={`QR code of the checkpoint over ${formatCount(size)} entries`} />
      <p>Root</p>
      <p className="font-mono text-xs break-all">{root}</p>
      <p>Verifier key</p>
      <p className="font-mono text-xs break-all">{verifierKey}</p>
      <pre className="font-mono text-xs break-all whitespace-pre-wrap">{note}</pre>
    </div>,
    document.body,
  );
}
