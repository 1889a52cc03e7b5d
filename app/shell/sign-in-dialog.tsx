import { type ReactNode, useState } from "react";
import type { ShownProblem } from "../api/client/problem.ts";
import { must } from "../base/assert.ts";
import type { Result } from "../base/result.ts";
import { useOperator, useOperatorSession } from "../operator/operator-context.tsx";
import type { Ask, KnownOperator, SessionProblem } from "../operator/session.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ProblemNote } from "../ui/states.tsx";
import { TextField } from "../ui/text-field.tsx";
import { UntrustedText } from "../ui/untrusted-text.tsx";
import { visibleText } from "../ui/visible-text.ts";
import { DomainNameField, useDomainName } from "./domain-name-field.tsx";
import { PROTECTION_WORDS } from "./operator-words.ts";
import { PassphraseField } from "./passphrase-field.tsx";
import { SecretFields, useNewSecret } from "./secret-form.tsx";

const FORM = "sign-in";

/** What the dialog is about: who, somebody new, somebody's key, or a key from before that lies open. */
type Step =
  | { readonly kind: "who" }
  | { readonly kind: "new" }
  | { readonly kind: "unlock"; readonly kid: string }
  | { readonly kind: "protect" };

export interface SignInDialogProps {
  /** What somebody is waiting for; null where it was opened by hand. */
  readonly ask: Ask | null;
  onClose(): void;
}

/** Signs somebody in, opens their key, or asks once more who is there; and says plainly what that means. */
export function SignInDialog({ ask, onClose }: SignInDialogProps) {
  const { known, operator } = useOperator();
  const [step, setStep] = useState<Step>(() => firstStep(ask, known, operator?.kid ?? null));
  const close = { onClose, onWho: known.length > 0 ? () => setStep({ kind: "who" }) : null };
  switch (step.kind) {
    case "who":
      return <Who {...close} onNew={() => setStep({ kind: "new" })} onChoose={(one) => setStep(stepFor(one))} />;
    case "new":
      return <NewOperator {...close} name={ask?.kind === "sign-in" ? ask.name : ""} />;
    case "protect":
      return <Protect {...close} />;
    case "unlock":
      return <Unlock {...close} kid={step.kid} ask={ask?.kind === "unlock" ? ask : null} />;
  }
}

function firstStep(ask: Ask | null, known: readonly KnownOperator[], current: string | null): Step {
  if (ask?.kind === "protect") return { kind: "protect" };
  if (ask?.kind === "unlock" && current !== null) return { kind: "unlock", kid: current };
  return known.length === 0 ? { kind: "new" } : { kind: "who" };
}

/** A key from before has no secret to ask for: it is put under one. */
const stepFor = ({ kid, protection }: KnownOperator): Step =>
  protection === "none" ? { kind: "protect" } : { kind: "unlock", kid };

interface FrameProps {
  readonly title: string;
  readonly action: string;
  readonly busy: string;
  /** What the way out is called. */
  readonly away?: string;
  readonly isReady: boolean;
  submit(): Promise<Result<void, SessionProblem>>;
  onClose(): void;
  /** To the choice of who; null where there is nobody to choose. */
  readonly onWho: (() => void) | null;
  readonly children: ReactNode;
}

/** One form in the dialog: what it says no with stands below it. */
function Frame({ title, action, busy, away = "Not now", isReady, submit, onClose, onWho, children }: FrameProps) {
  const [problem, setProblem] = useState<ShownProblem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    if (!isReady || isBusy) return;
    setBusy(true);
    setProblem(null);
    const done = await submit();
    setBusy(false);
    if (done.ok) onClose();
    else setProblem({ title: "This did not work", next: "", ...done.error });
  };
  return (
    <Dialog
      title={title}
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          {onWho === null ? null : (
            <Button variant="quiet" onPress={onWho} className="mr-auto">
              Somebody else
            </Button>
          )}
          <Button variant="quiet" onPress={onClose}>
            {away}
          </Button>
          <Button variant="primary" type="submit" form={FORM} isDisabled={!isReady || isBusy}>
            {isBusy ? busy : action}
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        {children}
        {problem === null ? null : <ProblemNote problem={problem} />}
      </form>
    </Dialog>
  );
}

type Ways = Pick<FrameProps, "onClose" | "onWho">;

function Who({ onClose, onNew, onChoose }: Ways & { onNew(): void; onChoose(one: KnownOperator): void }) {
  const { known, operator, detail } = useOperator();
  return (
    <Dialog title="Sign in" isOpen onOpenChange={onClose} size="sm">
      <div className="space-y-3">
        {detail === "" ? null : <p className="font-semibold">{detail}</p>}
        <ul className="space-y-1" aria-label="Operators of this browser profile">
          {known.map((one) => (
            <li key={one.kid}>
              <Button onPress={() => onChoose(one)} className="h-auto! w-full justify-start! py-1.5 text-left">
                <span className="min-w-0 flex-1">
                  <span className="block truncate">{visibleText(one.name)}</span>
                  <span className="block text-xs font-normal text-muted">{PROTECTION_WORDS[one.protection].short}</span>
                </span>
                {one.kid === operator?.kid ? <span className="text-xs text-muted">signed in</span> : null}
              </Button>
            </li>
          ))}
        </ul>
        <Button variant="quiet" onPress={onNew}>
          Add another operator
        </Button>
      </div>
    </Dialog>
  );
}

function NewOperator({ name: proposed, ...ways }: Ways & { readonly name: string }) {
  const session = useOperatorSession();
  const operator = useOperator();
  const [name, setName] = useState(proposed);
  const { secret, ...fields } = useNewSecret();
  const domain = useDomainName();
  const enrol = async (): Promise<Result<void, SessionProblem>> => {
    const named = await domain.settle();
    return named.ok ? session.enrol(name.trim(), must(secret, "it is only submitted with a secret")) : named;
  };
  return (
    <Frame
      {...ways}
      title="Sign in"
      action="Sign in"
      busy="Signing in …"
      away="Look around first"
      isReady={name.trim() !== "" && secret !== null && domain.isValid}
      submit={enrol}
    >
      {operator.knownName === null ? null : <p className="font-semibold">{operator.detail}</p>}
      <TextField
        label="Your name, as the log will show it"
        value={name}
        onChange={setName}
        maxLength={128}
        autoFocus
        name="name"
      />
      <SecretFields {...fields} />
      <DomainNameField domain={domain} />
      <div className="max-w-prose space-y-2 text-muted">
        <p>
          This makes a signing key in this browser, which signs what you do here: decisions, starts, releases. Each
          signature is recorded in the log under your name. A second key, which stays ready while the first is locked,
          signs stops and nothing else.
        </p>
        <p>
          The console takes your word for who you are: it trusts the key from its first use on. The first operator of a
          log may do everything; later ones look, until a safety officer gives them roles.
        </p>
        <p>Without signing in you can look at everything, but the stop control is off.</p>
      </div>
    </Frame>
  );
}

type UnlockAsk = Extract<Ask, { kind: "unlock" }>;

function Unlock({ kid, ask, ...ways }: Ways & { readonly kid: string; readonly ask: UnlockAsk | null }) {
  const session = useOperatorSession();
  const { known } = useOperator();
  const [passphrase, setPassphrase] = useState("");
  const one = known.find((candidate) => candidate.kid === kid);
  const byPassphrase = one?.protection === "passphrase";
  const name = visibleText(one?.name ?? "this operator");
  return (
    <Frame
      {...ways}
      title={UNLOCK_TITLES[ask?.why ?? "locked"]}
      action={byPassphrase ? "Unlock" : "Use the passkey"}
      busy={byPassphrase ? "Opening the key …" : "Waiting for the passkey …"}
      isReady={!byPassphrase || passphrase !== ""}
      submit={() => session.unlock(kid, passphrase)}
    >
      <UnlockWhy ask={ask} name={name} />
      {byPassphrase ? (
        <PassphraseField label="Passphrase" value={passphrase} onChange={setPassphrase} takesFocus />
      ) : null}
    </Frame>
  );
}

const UNLOCK_TITLES: Readonly<Record<UnlockAsk["why"], string>> = {
  locked: "Unlock",
  stale: "Authenticate again",
  decision: "Authenticate for this decision",
};

function UnlockWhy({ ask, name }: { readonly ask: UnlockAsk | null; readonly name: string }) {
  if (ask?.why === "decision")
    return (
      <div className="max-w-prose space-y-2">
        <p className="font-semibold">
          <UntrustedText text={ask.what} maxCharacters={300} />
        </p>
        <p>
          Signed only when you, <strong>{name}</strong>, show now that you are there. It counts for this one decision.
        </p>
      </div>
    );
  return (
    <p>
      {ask?.why === "stale" ? (
        <>
          What you are about to sign needs to know that it is still you, <strong>{name}</strong>.
        </>
      ) : (
        <>
          The key of <strong>{name}</strong> is locked. A stop works all the same.
        </>
      )}
    </p>
  );
}

function Protect(ways: Ways) {
  const session = useOperatorSession();
  const { secret, ...fields } = useNewSecret();
  return (
    <Frame
      {...ways}
      title="Protect your key"
      action="Protect it"
      busy="Making a protected key …"
      isReady={secret !== null}
      submit={() => session.protect(must(secret, "it is only submitted with a secret"))}
    >
      <p className="max-w-prose">
        Your key is from an earlier version of this console and lies open: whoever uses this browser profile can sign as
        you. It cannot be wrapped as it is. A new key under your name takes its place, the old one vouches for it, and
        nothing signed by the old one is taken any more. What it signed before stays valid.
      </p>
      <SecretFields {...fields} />
    </Frame>
  );
}
