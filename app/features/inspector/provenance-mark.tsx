import { type Provenance, provenanceWords } from "./provenance.ts";

/** Where a meaning comes from. What is ours looks different from what any text of others says. */
export function ProvenanceMark({ mark }: { readonly mark: Provenance }) {
  const look = mark === "ours" ? "border-dashed border-strong" : "border-line bg-sunken";
  return (
    <span
      title={provenanceWords(mark)}
      className={`rounded-sm border px-1 font-mono text-xs whitespace-nowrap text-muted ${look}`}
    >
      [{mark}]
    </span>
  );
}

/** What the marks on the screen mean. */
export function ProvenanceLegend({ marks }: { readonly marks: readonly Provenance[] }) {
  const shown = [...new Set(marks)];
  if (shown.length === 0) return null;
  return (
    <ul aria-label="What the marks mean" className="mt-2 space-y-0.5 text-xs text-muted">
      {shown.map((mark) => (
        <li key={mark}>
          <ProvenanceMark mark={mark} /> {provenanceWords(mark)}
        </li>
      ))}
    </ul>
  );
}
