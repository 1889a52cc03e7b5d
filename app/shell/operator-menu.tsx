import { useQuery } from "@tanstack/react-query";
import { Lock, Monitor, Moon, Sun, User } from "lucide-react";
import { useApi } from "../api/client/api-context.tsx";
import { useOperator, useOperatorSession } from "../operator/operator-context.tsx";
import type { Operator } from "../operator/session.ts";
import { Button } from "../ui/button.tsx";
import { Facts } from "../ui/definition-list.tsx";
import { Details } from "../ui/details.tsx";
import { Identifier } from "../ui/identifier.tsx";
import { Ago } from "../ui/instant.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { Select } from "../ui/select.tsx";
import { cutText, visibleText } from "../ui/visible-text.ts";
import { LOCK_AFTER, setLockAfter, useLockAfter } from "./lock-after.ts";
import { PROTECTION_WORDS, rolesText } from "./operator-words.ts";
import { openOverlay } from "./overlays.ts";
import { setTheme, type Theme, useTheme } from "./theme.ts";

const THEMES: readonly { readonly id: Theme; readonly name: string; readonly Icon: typeof Sun }[] = [
  { id: "light", name: "Light", Icon: Sun },
  { id: "dark", name: "Dark", Icon: Moon },
  { id: "system", name: "As the system", Icon: Monitor },
];

/** Who signs here, as what, and how their key is kept; the ways to lock, to leave and to become somebody else. */
export function OperatorMenu({ onSignIn }: { onSignIn(): void }) {
  const { status, operator, isLocked } = useOperator();
  const theme = useTheme();
  const name =
    operator !== null
      ? visibleText(cutText(operator.name, 40).head)
      : status === "loading"
        ? "reading the key …"
        : "not signed in";
  const Icon = isLocked ? Lock : User;
  return (
    <Details
      label={`${name}${isLocked ? ", locked" : ""}, operator and appearance`}
      title="Operator"
      placement="bottom end"
      className="h-8 max-w-40 gap-1.5 rounded-md px-2"
      trigger={
        <>
          <Icon aria-hidden="true" size={16} strokeWidth={1.75} className="shrink-0" />
          <span className="hidden truncate md:inline">{name}</span>
        </>
      }
    >
      {(close) => (
        <div className="space-y-4">
          {operator === null ? (
            <Nobody onSignIn={onSignIn} onLeave={close} />
          ) : (
            <Somebody operator={operator} onSignIn={onSignIn} onLeave={close} />
          )}
          <div>
            <p className="mb-1 text-xs text-muted">Appearance</p>
            <Segmented
              label="Appearance"
              selected={theme}
              onChange={setTheme}
              options={THEMES.map(({ id, name: label, Icon: Look }) => ({
                id,
                name: label,
                icon: <Look aria-hidden="true" size={16} strokeWidth={1.75} />,
              }))}
            />
          </div>
        </div>
      )}
    </Details>
  );
}

interface WaysProps {
  onSignIn(): void;
  /** Closes the menu, for what leads elsewhere. */
  onLeave(): void;
}

function Nobody({ onSignIn, onLeave }: WaysProps) {
  const { status, detail } = useOperator();
  const leaving = leavingBy(onLeave);
  return (
    <div className="space-y-2">
      <p>
        {status === "loading"
          ? "Your key is being read. A stop held now is sent as soon as it is there."
          : status === "failed"
            ? `This browser keeps no key: ${detail}`
            : "Nobody is signed in: the stop is off."}
      </p>
      {status === "none" ? (
        <Button variant="primary" onPress={leaving(onSignIn)}>
          Sign in
        </Button>
      ) : null}
      <Button variant="quiet" onPress={leaving(() => openOverlay("people"))}>
        People and roles …
      </Button>
    </div>
  );
}

function Somebody({ operator, onSignIn, onLeave }: WaysProps & { readonly operator: Operator }) {
  const session = useOperatorSession();
  const { authTime, amr, isLocked, protection } = useOperator();
  const after = useLockAfter();
  const kept = PROTECTION_WORDS[protection ?? "none"];
  const canLock = protection !== "none";
  const leaving = leavingBy(onLeave);
  return (
    <>
      <Facts
        items={[
          { term: "Name", value: visibleText(operator.name) },
          { term: "Roles", value: <Roles subject={operator.subject} /> },
          { term: "Id", value: <Identifier value={operator.subject} label="operator id" whole /> },
          { term: "Key", value: <Identifier value={operator.kid} label="key id" />, hint: kept.long },
          {
            term: "Authenticated",
            value: authTime === 0 ? "not yet" : <Ago sinceMs={authTime * 1000} />,
            hint: amr.join(" + "),
          },
        ]}
      />
      {canLock ? (
        <Select
          label="Lock when nobody acts for"
          items={LOCK_AFTER.map((minutes) => ({ id: minutes, name: `${minutes} min` }))}
          selectedKey={after}
          onSelectionChange={(id) => setLockAfter(LOCK_AFTER.find((minutes) => minutes === id) ?? after)}
        />
      ) : null}
      <div className="flex flex-wrap gap-2">
        {canLock && !isLocked ? <Button onPress={leaving(() => session.lock("everywhere"))}>Lock now</Button> : null}
        <Button onPress={leaving(onSignIn)}>Switch operator …</Button>
        <Button onPress={leaving(() => openOverlay("people"))}>People and roles …</Button>
        {/* What is not kept about signing out is only that it was done: the next visit starts signed in again. */}
        <Button variant="quiet" onPress={leaving(() => void session.signOut().catch(() => undefined))}>
          Sign out
        </Button>
      </div>
    </>
  );
}

const leavingBy =
  (leave: () => void) =>
  (act: () => void): (() => void) =>
  () => {
    leave();
    act();
  };

function Roles({ subject }: { readonly subject: string }) {
  const { orpc } = useApi();
  const { data, isError } = useQuery(orpc.identity.people.queryOptions());
  if (data === undefined) return isError ? "could not be read" : "being read …";
  const person = data.people.find((one) => one.subject === subject);
  return person === undefined ? "not in this log" : rolesText(person.roles);
}
