import { useId, useState } from "react";
import { FIELD_CLASS, LABEL_CLASS } from "../ui/field-classes.ts";
import { Select } from "../ui/select.tsx";
import { visibleText } from "../ui/visible-text.ts";
import { useOperator } from "./operator-context.tsx";
import type { KnownOperator } from "./session.ts";

/** The second of two people who sign the same thing: whose key it is, in this profile, and what opens it (OVR-S4, D4). */
export interface Second {
  readonly kid: string;
  readonly passphrase: string;
}

export interface SecondPersonState {
  /** Everybody of this profile but who is signed in. */
  readonly others: readonly KnownOperator[];
  readonly person: KnownOperator | undefined;
  readonly passphrase: string;
  /** Null while nobody is chosen, what opens their key is missing, or nothing has to open it. */
  readonly second: Second | null;
  choose(kid: string): void;
  setPassphrase(passphrase: string): void;
}

export function useSecondPerson(): SecondPersonState {
  const { known, operator } = useOperator();
  const [kid, setKid] = useState<string | null>(null);
  const [passphrase, setPassphrase] = useState("");
  const others = known.filter(({ subject }) => subject !== operator?.subject);
  const person = others.find((one) => one.kid === kid) ?? others.find(isProtected) ?? others[0];
  const isOpen =
    person !== undefined && isProtected(person) && (person.protection !== "passphrase" || passphrase !== "");
  return {
    others,
    person,
    passphrase,
    second: isOpen ? { kid: person.kid, passphrase } : null,
    choose: (next) => {
      setKid(next);
      setPassphrase("");
    },
    setPassphrase,
  };
}

/** Where nothing opens a key, one press by one person would sign for two (D1). */
const isProtected = ({ protection }: KnownOperator): boolean => protection !== "none";

/** Chooses the second person and takes their passphrase. `what` begins a sentence: "A takeover". */
export function SecondPerson({ state, what }: { readonly state: SecondPersonState; readonly what: string }) {
  const field = useId();
  const { person } = state;
  if (person === undefined)
    return (
      <p role="alert" className="font-medium text-warning">
        {what} takes two people. Nobody else has a key in this profile: add a second operator in the operator menu.
      </p>
    );
  return (
    <fieldset className="flex flex-wrap gap-3 border border-line px-3 pb-3">
      <legend className="px-1 font-semibold">The second person signs the same order</legend>
      <Select
        label="Second operator"
        className="min-w-48 flex-1"
        items={state.others.map((one) => ({
          id: one.kid,
          name: isProtected(one) ? visibleText(one.name) : `${visibleText(one.name)} (key not protected)`,
        }))}
        selectedKey={person.kid}
        onSelectionChange={state.choose}
      />
      {person.protection === "passphrase" ? (
        <div className="flex min-w-48 flex-1 flex-col gap-1">
          <label htmlFor={field} className={LABEL_CLASS}>
            {`Passphrase of ${visibleText(person.name)}`}
          </label>
          <input
            id={field}
            type="password"
            value={state.passphrase}
            maxLength={1024}
            autoComplete="off"
            onChange={(event) => state.setPassphrase(event.target.value)}
            className={`${FIELD_CLASS} h-8`}
          />
        </div>
      ) : person.protection === "none" ? (
        <p role="alert" className="basis-full font-medium text-warning">
          {visibleText(person.name)} cannot be the second person: nothing protects their key, so anybody here could sign
          for them. They sign in and protect it first.
        </p>
      ) : (
        <p className="self-end text-muted">Their passkey is asked for when the order is given.</p>
      )}
    </fieldset>
  );
}
