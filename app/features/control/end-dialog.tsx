import type { ReactNode } from "react";
import type { OverrideSignal } from "../../api/contract/override.ts";
import { OrderDialog } from "../../operator/order-dialog.tsx";
import { endingOf, useResume } from "../../operator/use-orders.ts";
import { Facts } from "../../ui/definition-list.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Mark } from "../../ui/mark.tsx";
import { UntrustedText } from "../../ui/untrusted-text.tsx";
import { visibleText } from "../../ui/visible-text.ts";
import { heldElsewhere, limitWords } from "./signal-words.ts";
import { countFacts, countWords, scopeWords, shortId } from "./stop-facts.ts";

export interface EndDialogProps {
  readonly signal: OverrideSignal;
  /** Every signal: another one may hold the same agents. */
  readonly signals: readonly OverrideSignal[];
  onClose(): void;
}

interface EndWords {
  readonly title: string;
  readonly verb: string;
  readonly busy: string;
  readonly done: string;
  readonly doneDetail: string;
  readonly term: string;
  readonly why: string;
}

/** How the end of a signal is called: never the word by which it began (S4). */
export function endWords(signal: Pick<OverrideSignal, "action" | "lapsed">): EndWords | null {
  if (endingOf(signal) === "resume")
    return {
      title: "Resume what is paused",
      verb: "Resume",
      busy: "Resuming …",
      done: "The pause is ended",
      doneDetail: "What no other signal holds goes on where it was.",
      term: "Paused",
      why: "Why may it go on? (recorded)",
    };
  switch (signal.action) {
    case "stop":
      return {
        title: "Release a stop",
        verb: "Release",
        busy: "Releasing …",
        done: "The stop is released",
        doneDetail: "Nothing was started by it.",
        term: "Stopped",
        why: "Why may it be released? (recorded)",
      };
    case "modify":
      return {
        title: "Undo a change of limits",
        verb: "Undo",
        busy: "Undoing …",
        done: "The change of limits is undone",
        doneDetail: "The limits hold as they were without it.",
        term: "Changed for",
        why: "Why is it undone? (recorded)",
      };
    case "takeover":
      return {
        title: "Release a takeover",
        verb: "Release",
        busy: "Releasing …",
        done: "The takeover is released to paused",
        doneDetail: "The agents are paused until they are resumed.",
        term: "Taken over",
        why: "Why is it released? (recorded)",
      };
    default:
      return null;
  }
}

/** The end of what is in force, by another verb and with a reason of its own (S4, S13, OVR-15, OVR-18). */
export function EndDialog({ signal, signals, onClose }: EndDialogProps) {
  const end = useResume();
  const words = endWords(signal);
  if (words === null) return null;
  return (
    <OrderDialog
      title={words.title}
      verb={words.verb}
      busy={words.busy}
      keep="Keep it in force"
      why={words.why}
      done={words.done}
      doneDetail={words.doneDetail}
      run={(reason) => end([signal], reason)}
      onClose={onClose}
    >
      <Facts
        items={[
          { term: words.term, value: visibleText(scopeWords(signal.scope)) },
          { term: "By", value: <ByWhom signal={signal} /> },
          { term: "Because", value: <UntrustedText text={signal.reason} /> },
          ...(signal.action === "modify" ? [{ term: "Limits", value: limitWords(signal).join(" · ") }] : []),
          ...(signal.action === "stop" ? [{ term: "Known now", value: <Known signal={signal} /> }] : []),
        ]}
      />
      <Consequence signal={signal} signals={signals} />
    </OrderDialog>
  );
}

/** What it does and what it does not, before it is pressed. */
function Consequence({ signal, signals }: Pick<EndDialogProps, "signal" | "signals">): ReactNode {
  if (endingOf(signal) === "resume") {
    const others = heldElsewhere(signal, signals);
    return (
      <>
        <p>
          <strong>Exactly what this signal holds goes on</strong>, where it was.
        </p>
        {others.length === 0 ? null : (
          <p className="font-medium">
            {others.length} of {signal.targets.length} stay held by another signal: {others.slice(0, 5).join(", ")}
            {others.length > 5 ? " …" : ""}
          </p>
        )}
      </>
    );
  }
  switch (signal.action) {
    case "stop":
      return (
        <p>
          <strong>Releasing starts nothing.</strong> It only permits that what was stopped is started again, which is an
          act of its own.
        </p>
      );
    case "modify":
      return (
        <p>
          <strong>From the next decision on the limits are those of the policy</strong> and of the other changes in
          force.
        </p>
      );
    default:
      return (
        <p>
          <strong>The agents are paused then, never running.</strong> To let them go on is an act of its own.
        </p>
      );
  }
}

function ByWhom({ signal }: { readonly signal: OverrideSignal }) {
  return (
    <>
      {visibleText(shortId(signal.by))}, <Instant epochMs={signal.at * 1000} full />
    </>
  );
}

/** What speaks against releasing now, before anything else. */
function Known({ signal }: { readonly signal: OverrideSignal }) {
  const counts = countFacts(signal.targets);
  if (counts.targets === counts.verified) return countWords(counts);
  const open = counts.targets - counts.verified;
  return (
    <>
      <Mark
        shape={counts.violated > 0 ? "cross" : "triangle"}
        tone={counts.violated > 0 ? "critical" : "warning"}
        label={`${open} of ${counts.targets} not verified as stopped`}
      />
      <div className="text-xs text-muted">{countWords(counts)}</div>
    </>
  );
}
