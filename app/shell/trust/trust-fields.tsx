import type { ExaminedTrust } from "../../api/contract/trust.ts";
import { Checkbox } from "../../ui/checkbox.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { cutText, visibleText } from "../../ui/visible-text.ts";
import type { Candidate, KeySet } from "./candidates.ts";
import { CertificateFacts, KeyList } from "./trust-words.tsx";

export interface CandidateFieldsProps {
  readonly candidate: Candidate;
  onChange(candidate: Candidate): void;
}

/** What a certificate says of itself, and what signing would make of it. */
export function CandidateFields({ candidate, onChange }: CandidateFieldsProps) {
  const { facts, between, isChosen, domain } = candidate;
  const name = visibleText(cutText(facts.isAuthority ? facts.subject : (facts.uris[0] ?? facts.subject), 120).head);
  return (
    <fieldset className="min-w-0 space-y-2 border-t border-line pt-2">
      <legend className="sr-only">{name}</legend>
      <Checkbox isSelected={isChosen} onChange={(isOn) => onChange({ ...candidate, isChosen: isOn })}>
        {facts.isAuthority ? `Believe the authority ${name}` : `Keep the certificate of ${name} at hand`}
      </Checkbox>
      <CertificateFacts certificate={facts} />
      {isChosen && facts.isAuthority ? (
        <TextField
          label={`Trust domain of ${name}`}
          value={domain}
          onChange={(given) => onChange({ ...candidate, domain: given })}
          description="It is believed about identities of this domain and of no other."
          maxLength={253}
          mono
          isRequired
        />
      ) : null}
      {isChosen && between.length > 0 ? (
        <p className="text-muted">
          With {between.length} {between.length === 1 ? "authority" : "authorities"} of this file between it and a root.
        </p>
      ) : null}
    </fieldset>
  );
}

const KINDS: readonly { readonly id: KeySet["kind"]; readonly name: string }[] = [
  { id: "jwks", name: "Key set at an address" },
  { id: "oauth_client", name: "OAuth client" },
  { id: "verifier", name: "Verifier of another domain" },
];

export interface KeySetFieldsProps {
  readonly keys: readonly ExaminedTrust["keys"][number]["key"][];
  readonly value: KeySet;
  onChange(value: KeySet): void;
}

/** Whose the keys are is the operator's to say: no key set says it. */
export function KeySetFields({ keys, value, onChange }: KeySetFieldsProps) {
  const field = (member: Exclude<keyof KeySet, "kind">, label: string, description?: string) => (
    <TextField
      label={label}
      value={value[member]}
      onChange={(given) => onChange({ ...value, [member]: given })}
      maxLength={1024}
      mono
      isRequired
      {...(description === undefined ? {} : { description })}
    />
  );
  return (
    <fieldset className="min-w-0 space-y-2 border-t border-line pt-2">
      <legend className="font-semibold">
        {keys.length} {keys.length === 1 ? "key" : "keys"}
      </legend>
      <KeyList keys={keys} />
      <Segmented
        label="What the keys are of"
        selected={value.kind}
        onChange={(kind) => onChange({ ...value, kind })}
        options={KINDS}
      />
      {value.kind === "jwks" ? (
        field("uri", "Address of the key set", "As audit tokens name it. Nothing is fetched from it.")
      ) : value.kind === "verifier" ? (
        <>
          {field(
            "about",
            "Trust domains whose agents it may speak about",
            "Never this one. Several are separated by spaces.",
          )}
          {field("days", "For how many days", "From now, 366 at most. It can be ended before.")}
        </>
      ) : (
        <>
          {field("issuer", "Authorization server (issuer)")}
          {field("clientId", "Client id")}
        </>
      )}
      {field(
        "subject",
        "Whose the keys are (id)",
        value.kind === "verifier"
          ? "The issuer of its results, for example spiffe://ops.example/verifier."
          : "The issuer of its audit tokens, for example https://ops.example/gateway.",
      )}
    </fieldset>
  );
}
