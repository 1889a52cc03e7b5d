import { useMemo } from "react";
import { Identifier } from "../../../ui/identifier.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { DiffTable } from "../diff-table.tsx";
import { LESS_MAX } from "./less.ts";
import { diffLess } from "./less-diff.ts";
import type { LessForm } from "./use-less.ts";

/** Lines of the field: what is shorter leaves room for the difference. */
const MOST_ROWS = 8;

export interface LessFieldsProps {
  readonly form: LessForm;
  readonly canonicalArgs: string;
}

/** The arguments to change, what is wrong with them at once, and the difference with the digest that would be signed. */
export function LessFields({ form, canonicalArgs }: LessFieldsProps) {
  const { text, onText, draft, less } = form;
  return (
    <div className="grid items-start gap-x-4 gap-y-2 lg:grid-cols-2">
      <TextField
        label="Arguments to approve instead"
        value={text}
        onChange={onText}
        multiline
        mono
        rows={Math.min(MOST_ROWS, Math.max(3, text.split("\n", MOST_ROWS).length))}
        maxLength={LESS_MAX}
        isRequired
        description="Numbers nearer to zero and shorter lists are less; everything else stays as it was asked for."
        errorMessage={draft.kind === "problem" ? draft.words : undefined}
      />
      <div className="min-w-0 space-y-2">
        {draft.kind === "less" ? (
          <section aria-label="What is approved instead" className="border border-line px-2 py-1">
            <Difference before={canonicalArgs} after={draft.canonicalArgs} />
            <p className="mt-1 text-xs text-muted">
              New SHA-256 {less === null ? "…" : <Identifier value={less.argsHash} label="new arguments digest" />}
            </p>
          </section>
        ) : null}
        <p className="text-xs text-muted">
          Only these arguments may run then. A re-enacted agent plays a recording, which has no output for them: its
          record names the new digest and no output.
        </p>
      </div>
    </div>
  );
}

function Difference({ before, after }: { readonly before: string; readonly after: string }) {
  const diff = useMemo(() => diffLess(before, after), [before, after]);
  return <DiffTable diff={diff} was="Asked" now="Approved" />;
}
