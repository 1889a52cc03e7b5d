import { type DragEvent, useState } from "react";
import { MAX_INSPECTED } from "../../api/contract/inspect.ts";
import { toBase64 } from "../../protocol/transparency/base64.ts";
import { textOfFile } from "../../protocol/transparency/foreign.ts";

/** A file that is dropped is looked at like what is pasted; bytes that are no text in base64. */
export function useDrop(show: (text: string) => void) {
  const [problem, setProblem] = useState<string | null>(null);
  const onDrop = (event: DragEvent): void => {
    const file = event.dataTransfer.files[0];
    if (file === undefined) return;
    event.preventDefault();
    // A tile in base64 is a third longer than its bytes.
    if (file.size > MAX_INSPECTED) {
      setProblem(`The file has ${file.size} bytes; at most ${MAX_INSPECTED} are looked at. Nothing of it was kept.`);
      return;
    }
    setProblem(null);
    file.arrayBuffer().then(
      (bytes) => show(textOfFile(new Uint8Array(bytes), toBase64)),
      () => setProblem("The browser did not let the file be read."),
    );
  };
  const onDragOver = (event: DragEvent): void => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  };
  return { handlers: { onDrop, onDragOver }, problem };
}
