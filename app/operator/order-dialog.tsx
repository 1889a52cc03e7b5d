import { type ReactNode, useId, useRef, useState } from "react";
import { problemOf, type ShownProblem } from "../api/client/problem.ts";
import type { OverrideScope } from "../protocol/override/claims.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ProblemNote } from "../ui/states.tsx";
import { TextField } from "../ui/text-field.tsx";
import { toast } from "../ui/toast.tsx";
import { useKeys } from "../ui/use-keys.ts";
import { visibleText } from "../ui/visible-text.ts";
import { useOperator } from "./operator-context.tsx";
import type { ProtectionKind } from "./session.ts";
import type { Given } from "./use-orders.ts";
import { useToldAnyway } from "./use-told-anyway.ts";

const MAX_REASON = 2000;

export interface OrderDialogProps {
  readonly title: string;
  /** What the button does, and while it does it. */
  readonly verb: string;
  readonly busy: string;
  /** The way out that changes nothing. */
  readonly keep: string;
  /** The question that the reason answers. */
  readonly why: string;
  readonly done: string;
  readonly doneDetail: string;
  /** False while what is ordered is not complete. */
  readonly isReady?: boolean;
  readonly size?: "md" | "lg";
  /** Words of the operator's own that may hold for this one too: shown, and theirs to change. */
  readonly firstReason?: string;
  /** The field of the reason takes the focus, unless another one does. */
  readonly focusReason?: boolean;
  /** Gives the order; of one of several signals that was refused only those left over are given again. */
  run(reason: string, left: readonly OverrideScope[] | null): Promise<readonly Given[]>;
  onClose(): void;
  readonly children: ReactNode;
}

/**
 * An order with its consequence and its reason, signed by a second deliberate act (OVR-18, OVR-24). While it is signed there
 * is no way out of it that would seem to take it back (S7).
 */
export function OrderDialog(props: OrderDialogProps) {
  const { verb, onClose } = props;
  const { operator, protection } = useOperator();
  const [reason, setReason] = useState(props.firstReason ?? "");
  const [problem, setProblem] = useState<ShownProblem | null>(null);
  const [given, setGiven] = useState<readonly Given[]>([]);
  const [isBusy, setBusy] = useState(false);
  const isReady = reason.trim() !== "" && operator !== null && !isBusy && (props.isReady ?? true);
  const failed = given.filter(({ problem }) => problem !== null);

  const form = useId();
  const running = useRef(false);
  const tellAnyway = useToldAnyway();
  const run = async (): Promise<void> => {
    if (!isReady || running.current) return;
    running.current = true;
    setBusy(true);
    setProblem(null);
    try {
      const now = await props.run(reason.trim(), failed.length === 0 ? null : failed.map(({ scope }) => scope));
      if (now.every(({ problem }) => problem === null)) {
        toast({ title: props.done, detail: props.doneDetail, tone: "neutral" });
        onClose();
        return;
      }
      for (const { problem } of now) if (problem !== null) tellAnyway(props.title, problem);
      setGiven([...given.filter(({ problem }) => problem === null), ...now]);
    } catch (error) {
      const refused = problemOf(error);
      tellAnyway(props.title, refused);
      setProblem(refused);
    }
    running.current = false;
    setBusy(false);
  };
  useKeys({ "$mod+Enter": () => void run() });
  return (
    <Dialog
      title={props.title}
      isOpen
      onOpenChange={onClose}
      isDismissable={!isBusy}
      size={props.size ?? "md"}
      footer={
        <>
          <Button variant="quiet" isDisabled={isBusy} onPress={onClose}>
            {props.keep}
          </Button>
          <Button variant="primary" type="submit" form={form} isDisabled={!isReady} shortcut="Enter">
            {isBusy ? props.busy : verb}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        {props.children}
        <TextField
          label={props.why}
          value={reason}
          onChange={setReason}
          isRequired
          autoFocus={props.focusReason ?? true}
          maxLength={MAX_REASON}
        />
        <p className="text-muted">
          {operator === null
            ? "Nobody is signed in: sign in first."
            : `Pressing ${verb} signs this as ${visibleText(operator.name)}. ${askedFor(protection)}`}
        </p>
        {problem === null ? null : <ProblemNote problem={problem} />}
        <NotGiven given={given} />
      </form>
    </Dialog>
  );
}

/** Which signals were refused, each with why; those that are in the log hold, whatever became of the others. */
function NotGiven({ given }: { readonly given: readonly Given[] }) {
  const failed = given.filter(({ problem }) => problem !== null);
  if (failed.length === 0) return null;
  return (
    <div className="space-y-2">
      {given.length === 1 ? null : (
        <p className="font-semibold">
          {given.length - failed.length} of {given.length} signals were given and hold. The others were not:
        </p>
      )}
      {failed.map(({ jti, scope, problem }) =>
        problem === null ? null : (
          <div key={jti}>
            {given.length === 1 ? null : <p className="break-all">{visibleText(`${scope.kind} ${scope.id}`)}</p>}
            <ProblemNote problem={problem} />
          </div>
        ),
      )}
    </div>
  );
}

/** What is asked of the person before it is signed. */
function askedFor(protection: ProtectionKind | null): string {
  if (protection === "none") return "Your key is not protected: the press is all that is asked of you.";
  const what = protection === "passphrase" ? "passphrase" : "passkey";
  return `Where your key is locked or you last authenticated more than a few minutes ago, your ${what} is asked for first.`;
}
