import { useState } from "react";
import { Button } from "../../../ui/button.tsx";

/** Copies a text that is seen beside it, and says whether the browser let it. */
export function CopyText({ text, what }: { readonly text: string; readonly what: string }) {
  const [said, setSaid] = useState("");
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setSaid("Copied"),
      // The browser may refuse the clipboard; then the text is still there to be selected.
      () => setSaid("Not copied: select the text and copy it"),
    );
  };
  return (
    <span className="inline-flex items-center gap-2">
      <Button size="sm" onPress={copy}>
        Copy {what}
      </Button>
      <span role="status" className="text-xs text-muted">
        {said}
      </span>
    </span>
  );
}
