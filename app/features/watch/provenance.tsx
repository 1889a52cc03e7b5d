import { Mark } from "../../ui/mark.tsx";

/** How something is known: three words that always look the same (truth in display). */
export function Provenance({ kind }: { readonly kind: "verified" | "asserted" | "inferred" }) {
  switch (kind) {
    case "verified":
      return <Mark shape="square" tone="good" label="verified here" size={10} />;
    case "asserted":
      return <Mark shape="ring" tone="neutral" label="asserted by the recording" size={10} />;
    case "inferred":
      return <Mark shape="bar" tone="neutral" label="inferred" size={10} />;
  }
}
