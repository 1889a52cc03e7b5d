import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { problemOf } from "../api/client/problem.ts";
import type { Person } from "../api/contract/identity.ts";
import { useOperator } from "../operator/operator-context.tsx";
import { Button } from "../ui/button.tsx";
import { useNow } from "../ui/clock.ts";
import { Facts } from "../ui/definition-list.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Identifier } from "../ui/identifier.tsx";
import { Instant } from "../ui/instant.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { Loading, ProblemNote } from "../ui/states.tsx";
import { UntrustedText } from "../ui/untrusted-text.tsx";
import { visibleText } from "../ui/visible-text.ts";
import { rolesText } from "./operator-words.ts";
import { closeOverlay } from "./overlays.ts";
import { RoleForm } from "./role-form.tsx";

const TrustPart = lazy(() => import("./trust/trust-part.tsx").then((loaded) => ({ default: loaded.TrustPart })));

const PARTS = [
  { id: "people", name: "People of this log" },
  { id: "trust", name: "Trusted identities" },
] as const;

/** Everybody enrolled in this log, with roles and keys, and whom it believes besides; a safety officer says both here. */
export function PeopleDialog() {
  const { orpc } = useApi();
  const { operator } = useOperator();
  const people = useQuery(orpc.identity.people.queryOptions());
  const [changing, setChanging] = useState<string | null>(null);
  const own = people.data?.people.find((person) => person.subject === operator?.subject);
  const mayGrant = own?.roles.includes("safety_officer") === true;
  const [part, setPart] = useState<"people" | "trust">("people");
  return (
    <Dialog title="People and roles" isOpen onOpenChange={() => closeOverlay("people")} size="lg">
      <div className="mb-4">
        <Segmented label="Whom" selected={part} onChange={setPart} options={PARTS} />
      </div>
      {part === "trust" ? (
        <Suspense fallback={<Loading what="whom this log believes" />}>
          <TrustPart mayState={mayGrant} />
        </Suspense>
      ) : people.isError ? (
        <ProblemNote problem={problemOf(people.error)} onRetry={() => void people.refetch()} />
      ) : people.data === undefined ? (
        <Loading what="the people of this log" />
      ) : (
        <div className="space-y-4">
          {people.data.stated ? null : (
            <p className="max-w-prose">
              This log is from before there were roles: everybody enrolled may do everything. With the first statement,
              or the next operator, what everybody has is stated.
            </p>
          )}
          {mayGrant ? null : <ReadOnly own={own} />}
          {people.data.people.length === 0 ? <p>Nobody is enrolled in this log yet.</p> : null}
          <ul className="space-y-4">
            {people.data.people.map((person) => (
              <li key={person.subject} className="space-y-2 border-t border-line pt-3 first:border-t-0 first:pt-0">
                <PersonFacts person={person} isOwn={person === own} />
                {!mayGrant ? null : changing === person.subject ? (
                  <RoleForm person={person} isOwn={person === own} onDone={() => setChanging(null)} />
                ) : (
                  <Button
                    size="sm"
                    onPress={() => setChanging(person.subject)}
                    aria-label={`Change the roles of ${visibleText(person.name)}`}
                  >
                    Change roles …
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Dialog>
  );
}

/** Why nothing can be changed here, for whoever may not. */
function ReadOnly({ own }: { readonly own: Person | undefined }) {
  return (
    <p role="note" className="max-w-prose border border-notice bg-notice-soft px-3 py-2">
      {own === undefined
        ? "You can look. Roles are given by a safety officer who is signed in."
        : `You can look. Roles are given by a safety officer; you are: ${rolesText(own.roles)}.`}
    </p>
  );
}

function PersonFacts({ person, isOwn }: { readonly person: Person; readonly isOwn: boolean }) {
  const nowS = useNow() / 1000;
  const { statement } = person;
  return (
    <>
      <h3 className="font-semibold">
        <UntrustedText text={person.name} />
        {isOwn ? <span className="ml-2 font-normal text-muted">you</span> : null}
      </h3>
      <Facts
        items={[
          { term: "Roles", value: rolesText(person.roles), hint: <Statement statement={statement} nowS={nowS} /> },
          { term: "Id", value: <Identifier value={person.subject} label="operator id" whole /> },
          {
            term: person.keys.length === 1 ? "Key" : "Keys",
            value: (
              <ul>
                {person.keys.map((key) => (
                  <li key={key.kid} className="flex min-h-7 flex-wrap items-center gap-x-2 py-1">
                    <Identifier value={key.kid} label="key id" />
                    <span className="text-xs text-muted">
                      {key.use === "stop" ? "signs stops only, " : ""}
                      {key.until <= nowS ? "ended " : "until "}
                      <Instant epochMs={key.until * 1000} />, entry {key.seq}
                    </span>
                  </li>
                ))}
              </ul>
            ),
          },
        ]}
      />
    </>
  );
}

function Statement({ statement, nowS }: { readonly statement: Person["statement"]; readonly nowS: number }) {
  if (statement === null) return "no statement about them";
  const words = statement.until <= nowS ? "the statement ended" : "until";
  return (
    <>
      {words} <Instant epochMs={statement.until * 1000} full />, stated by {visibleText(statement.by)} in entry{" "}
      {statement.seq}
      {statement.reason === "" ? null : (
        <>
          : <UntrustedText text={statement.reason} />
        </>
      )}
    </>
  );
}
