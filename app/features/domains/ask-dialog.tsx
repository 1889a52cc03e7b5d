import { useState } from "react";
import { useOperator } from "../../operator/operator-context.tsx";
import { OrderDialog } from "../../operator/order-dialog.tsx";
import { type TrailAnswer, type TrailQuestion, useTrailQuery } from "../../operator/use-trail-query.ts";
import { Checkbox } from "../../ui/checkbox.tsx";
import { Select } from "../../ui/select.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { PURPOSES, WANTED } from "./ask-words.ts";
import { filterName } from "./held-words.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const OUTCOMES = ["any", "success", "failure", "partial", "denied", "compensated"] as const;
/** The least that will do comes first. */
const ROLES = ["operator", "auditor", "duty_manager", "safety_officer"] as const;

export interface AskDialogProps {
  readonly domains: readonly string[];
  readonly own: string | null;
  /** What is filled in already: the workflow in view, or a question that goes on. */
  readonly first: Partial<TrailQuestion>;
  onAnswer(question: TrailQuestion, answer: TrailAnswer): void;
  onClose(): void;
}

/** Asks other domains for what their trails have, for a purpose; signed, and on record in each of them (XDA-7, XDA-12). */
export function AskDialog({ domains, own, first, onAnswer, onClose }: AskDialogProps) {
  const ask = useTrailQuery();
  const { operator } = useOperator();
  const roles = ROLES.filter((role) => operator?.roles.includes(role) === true);
  const [purpose, setPurpose] = useState<string | null>(first.purpose ?? null);
  const [role, setRole] = useState<string | null>(first.role ?? null);
  const [of, setOf] = useState<ReadonlySet<string>>(new Set(first.domains ?? domains));
  const [fields, setFields] = useState<ReadonlySet<string>>(new Set(first.fields ?? WANTED.map(({ id }) => id)));
  const [wid, setWid] = useState(first.wid ?? "");
  const [action, setAction] = useState(first.exec_act ?? "");
  const [outcome, setOutcome] = useState<string>(first.outcome ?? "any");
  const asRole = role ?? roles[0] ?? "operator";
  const kept = Object.keys(otherFilters(first))
    .filter((name) => name !== "page_size")
    .map(filterName);
  const isWid = wid === "" || UUID.test(wid);
  return (
    <OrderDialog
      title="Ask other domains"
      verb="Ask"
      busy="Asking …"
      keep="Do not ask"
      why="What do you need it for? (recorded)"
      done="Answered"
      doneDetail="Each domain that could be asked has it on record that you asked, and what for."
      size="lg"
      focusReason={false}
      {...(first.reason === undefined ? {} : { firstReason: first.reason })}
      isReady={purpose !== null && of.size > 0 && isWid}
      run={async (reason) => {
        if (purpose === null) return [];
        const question: TrailQuestion = {
          ...otherFilters(first),
          ...{ purpose, role: asRole, reason, page: first.page ?? 0 },
          domains: domains.filter((name) => of.has(name)),
          fields: [...fields],
          ...(wid === "" ? {} : { wid }),
          ...(action.trim() === "" ? {} : { exec_act: action.trim() }),
          ...(outcome === "any" ? {} : { outcome }),
        };
        onAnswer(question, await ask(question));
        return [];
      }}
      onClose={onClose}
    >
      <p>
        Each domain answers from its own log and by its own rules: what it does not show you is counted. A domain that
        does not answer within 10 s is told as silent.
      </p>
      <div className="grid gap-3 sm:grid-cols-2">
        <Select
          label="Purpose"
          placeholder="Choose a purpose"
          items={PURPOSES}
          selectedKey={purpose}
          onSelectionChange={setPurpose}
        />
        <Select
          label="You ask as"
          items={(roles.length === 0 ? ["operator"] : roles).map((id) => ({ id, name: id.replaceAll("_", " ") }))}
          selectedKey={asRole}
          onSelectionChange={setRole}
        />
      </div>
      <Choices
        legend="Domains"
        items={domains.map((id) => ({ id, name: id === own ? `${id} (this console)` : id }))}
        chosen={of}
        onChange={setOf}
      />
      <Choices legend="Shown beside the record itself" items={WANTED} chosen={fields} onChange={setFields} />
      <TextField
        label="Workflow"
        description="Empty for all of them."
        value={wid}
        onChange={setWid}
        mono
        maxLength={36}
        errorMessage={isWid ? undefined : "This is no workflow's id."}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField label="Action" description="Empty for all." value={action} onChange={setAction} maxLength={256} />
        <Select
          label="Outcome"
          items={OUTCOMES.map((id) => ({ id, name: id }))}
          selectedKey={outcome}
          onSelectionChange={setOutcome}
        />
      </div>
      {kept.length === 0 ? null : <p>It is asked with its other filters too: {kept.join(", ")}.</p>}
      {first.page === undefined || first.page === 0 ? null : (
        <p>It goes on with page {first.page + 1} of the answer.</p>
      )}
    </OrderDialog>
  );
}

/** Filters that have no field here: whoever asks the same again asks with them. */
function otherFilters({ stitch_id, agents, from, to, min_level, page_size }: Partial<TrailQuestion>) {
  const all = { stitch_id, agents, from, to, min_level, page_size };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<typeof all>; // the same members
}

interface ChoicesProps {
  readonly legend: string;
  readonly items: readonly { readonly id: string; readonly name: string }[];
  readonly chosen: ReadonlySet<string>;
  onChange(chosen: ReadonlySet<string>): void;
}

function Choices({ legend, items, chosen, onChange }: ChoicesProps) {
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-xs text-muted">{legend}</legend>
      <div className="flex flex-wrap gap-x-4 gap-y-2">
        {items.map(({ id, name }) => (
          <Checkbox
            key={id}
            isSelected={chosen.has(id)}
            onChange={(isSelected) =>
              onChange(new Set([...chosen].filter((one) => one !== id).concat(isSelected ? id : [])))
            }
          >
            {visibleText(name)}
          </Checkbox>
        ))}
      </div>
    </fieldset>
  );
}
