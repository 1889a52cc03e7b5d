import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { problemOf, type ShownProblem } from "../api/client/problem.ts";
import type { Person } from "../api/contract/identity.ts";
import { useStateRoles } from "../operator/use-roles.ts";
import { Button } from "../ui/button.tsx";
import { Checkbox } from "../ui/checkbox.tsx";
import { Select } from "../ui/select.tsx";
import { ProblemNote } from "../ui/states.tsx";
import { TextField } from "../ui/text-field.tsx";
import { visibleText } from "../ui/visible-text.ts";
import { ROLE_WORDS, roleName, rolesText } from "./operator-words.ts";

const HOUR_S = 3600;
const LASTS = [
  { id: String(12 * HOUR_S), name: "12 hours" },
  { id: String(7 * 24 * HOUR_S), name: "7 days" },
  { id: String(90 * 24 * HOUR_S), name: "90 days" },
  { id: String(365 * 24 * HOUR_S), name: "1 year" },
];
const USUAL = String(90 * 24 * HOUR_S);

export interface RoleFormProps {
  readonly person: Person;
  readonly isOwn: boolean;
  onDone(): void;
}

/** What somebody may do from now on, all of it: old and new in view, and signed as one statement (S14, COM-16). */
export function RoleForm({ person, isOwn, onDone }: RoleFormProps) {
  const { orpc } = useApi();
  const queries = useQueryClient();
  const state = useStateRoles();
  const [roles, setRoles] = useState<readonly string[]>(person.roles);
  const [lifetimeS, setLifetimeS] = useState(USUAL);
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<ShownProblem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const name = visibleText(person.name);
  // Roles that only a policy knows stay as they are, and can be taken away.
  const others = person.roles.filter((role) => !ROLE_WORDS.some(({ id }) => id === role));
  const offered = [...ROLE_WORDS, ...others.map((id) => ({ id, name: roleName(id), may: "named by a policy" }))];
  const chosen = offered.map(({ id }) => id).filter((id) => roles.includes(id));

  const sign = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      const order = { subject: person.subject, roles: chosen, lifetimeS: Number(lifetimeS), reason: reason.trim() };
      await state(order);
      await queries.invalidateQueries({ queryKey: orpc.identity.key() });
      onDone();
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };

  return (
    <form
      className="space-y-3 border border-strong p-3"
      aria-label={`Roles of ${name}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim() !== "" && !isBusy) void sign();
      }}
    >
      <fieldset className="space-y-1">
        <legend className="mb-1 font-semibold">What {name} may do from now on</legend>
        {offered.map((role) => (
          <div key={role.id}>
            <Checkbox
              isSelected={roles.includes(role.id)}
              onChange={(isOn) => setRoles(isOn ? [...roles, role.id] : roles.filter((id) => id !== role.id))}
            >
              <span>
                {role.name} <span className="text-muted">{role.may}</span>
              </span>
            </Checkbox>
          </div>
        ))}
      </fieldset>
      {isOwn ? (
        <p className="text-notice">
          These are your own roles. Beside another safety officer you cannot widen them yourself, and what you give up
          you cannot take back.
        </p>
      ) : null}
      <Select label="For" items={LASTS} selectedKey={lifetimeS} onSelectionChange={setLifetimeS} className="max-w-48" />
      <TextField label="Why (recorded)" value={reason} onChange={setReason} maxLength={500} isRequired />
      <p className="text-muted">
        Now: {rolesText(person.roles)}. From then on: {rolesText(chosen)}.
      </p>
      {problem === null ? null : <ProblemNote problem={problem} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button variant="quiet" onPress={onDone}>
          Leave them as they are
        </Button>
        <Button variant="primary" type="submit" isDisabled={reason.trim() === "" || isBusy}>
          {isBusy ? "Signing …" : "Sign the statement"}
        </Button>
      </div>
    </form>
  );
}
