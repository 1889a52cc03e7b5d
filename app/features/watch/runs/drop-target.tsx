import { type DragEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { isInModal, isTyping } from "../../../ui/use-keys.ts";

/** Takes files that are dropped anywhere on the pane, and files or JSON text pasted outside of a field. */
export function DropTarget({
  onFiles,
  children,
}: {
  onFiles(files: readonly File[]): void;
  readonly children: ReactNode;
}) {
  const [over, setOver] = useState(false);
  // Entering a child leaves its parent: only the balance tells whether the pointer is still over the pane.
  const depth = useRef(0);
  usePaste(onFiles);
  const carriesFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes("Files");
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping has a keyboard twin, the file picker in the dialog
    <div
      className="relative flex min-h-0 flex-1 flex-col"
      onDragEnter={(event) => {
        if (!carriesFiles(event)) return;
        depth.current += 1;
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!carriesFiles(event)) return;
        depth.current -= 1;
        if (depth.current <= 0) setOver(false);
      }}
      onDragOver={(event) => {
        if (carriesFiles(event)) event.preventDefault();
      }}
      onDrop={(event) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        const files = [...event.dataTransfer.files];
        if (files.length > 0) onFiles(files);
      }}
    >
      {children}
      {over ? (
        <div className="pointer-events-none absolute inset-2 z-30 flex items-center justify-center border-2 border-dashed border-accent bg-accent-soft/80 text-lg font-semibold">
          Drop to load this recorded run
        </div>
      ) : null}
    </div>
  );
}

function usePaste(onFiles: (files: readonly File[]) => void): void {
  const take = useRef(onFiles);
  useEffect(() => {
    take.current = onFiles;
  });
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => {
      if (isTyping(event.target) || isInModal(event.target)) return;
      const files = [...(event.clipboardData?.files ?? [])];
      const text = event.clipboardData?.getData("text/plain") ?? "";
      // Only what can be a recording: a stray word in the clipboard opens nothing.
      if (files.length > 0) take.current(files);
      else if (/^\s*[[{]/.test(text)) take.current([new File([text], "pasted text", { type: "application/json" })]);
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  }, []);
}
