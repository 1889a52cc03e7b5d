import { formatDuration } from "../../../ui/duration.ts";
import { formatInstant } from "../../../ui/instant.tsx";
import { Select } from "../../../ui/select.tsx";
import { ListField, NumberField, WordField } from "../../../ui/value-fields.tsx";
import { type FormDocument, textOfValue } from "./form-document.ts";
import { choices } from "./node-fields.tsx";

export interface PolicyFieldsProps {
  readonly document: FormDocument;
  onChange(path: readonly string[], value: unknown): void;
  problem(path: string): string | undefined;
}

const TIMEOUTS = ["deny", "abort", "escalate", "allow"];

/** What holds for the policy as a whole. */
export function PolicyFields({ document, onChange, problem }: PolicyFieldsProps) {
  const { dag, hitl } = document;
  const ids = dag.nodes.map(({ id }) => textOfValue(id));
  const node = (label: string, member: "root" | "self") => (
    <Select
      label={label}
      items={choices(ids, textOfValue(dag[member]))}
      selectedKey={textOfValue(dag[member])}
      onSelectionChange={(id) => onChange(["dag", member], id)}
      errorMessage={problem(`dag.${member}`)}
    />
  );
  const nbf = document.nbf;
  return (
    <section aria-label="Whole policy" className="grid grid-cols-2 items-start gap-x-3 gap-y-2 md:grid-cols-4">
      <Lifetime document={document} onChange={onChange} problem={problem("exp")} />
      <NumberField
        label="Not before, s since 1970"
        value={nbf}
        placeholder="when signed"
        description={Number.isSafeInteger(nbf) ? formatInstant(Number(nbf) * 1000) : undefined}
        onChange={(seconds) => onChange(["nbf"], seconds)}
        problem={problem("nbf")}
      />
      <Select
        label="Without an answer"
        items={choices(TIMEOUTS, textOfValue(hitl.default_on_timeout))}
        selectedKey={textOfValue(hitl.default_on_timeout)}
        onSelectionChange={(id) => onChange(["hitl", "default_on_timeout"], id)}
        errorMessage={problem("hitl.default_on_timeout")}
      />
      <NumberField
        label="How deep, steps"
        value={dag.max_depth}
        onChange={(depth) => onChange(["dag", "max_depth"], depth)}
        problem={problem("dag.max_depth")}
      />
      <NumberField
        label="How wide, nodes"
        value={dag.max_fanout}
        placeholder="16"
        onChange={(width) => onChange(["dag", "max_fanout"], width)}
        problem={problem("dag.max_fanout")}
      />
      {node("Root", "root")}
      {node("Node of the holder", "self")}
      <WordField
        label="Held by"
        value={document.sub}
        onChange={(sub) => onChange(["sub"], sub)}
        problem={problem("sub")}
      />
      <div className="col-span-2">
        <ListField
          label="Addressed to: URIs, separated by spaces"
          value={document.aud}
          onChange={(aud) => onChange(["aud"], aud)}
          problem={problem("aud")}
        />
      </div>
      <div className="col-span-2">
        <WordField
          label="Key of the holder: thumbprint"
          value={document.cnf?.jkt}
          placeholder="none"
          onChange={(jkt) => onChange(jkt === "" ? ["cnf"] : ["cnf", "jkt"], jkt === "" ? undefined : jkt)}
          problem={problem("cnf")}
        />
      </div>
    </section>
  );
}

const LIFETIMES = [3600, 7200, 28_800, 86_400];

/** How long it lasts from when it is signed; the end itself where the two cannot be compared. */
function Lifetime({
  document: { iat, exp },
  onChange,
  problem,
}: Pick<PolicyFieldsProps, "document" | "onChange"> & { readonly problem: string | undefined }) {
  if (!Number.isSafeInteger(iat) || !Number.isSafeInteger(exp))
    return (
      <NumberField
        label="Expires, s since 1970"
        value={exp}
        onChange={(seconds) => onChange(["exp"], seconds)}
        problem={problem}
      />
    );
  const lasts = Number(exp) - Number(iat);
  return (
    <Select
      label="Valid for"
      items={[...new Set([...LIFETIMES, lasts])]
        .sort((a, b) => a - b)
        .map((seconds) => ({ id: String(seconds), name: formatDuration(seconds * 1000) }))}
      selectedKey={String(lasts)}
      onSelectionChange={(seconds) => onChange(["exp"], Number(iat) + Number(seconds))}
      errorMessage={problem}
    />
  );
}
