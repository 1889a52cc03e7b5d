import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf, type ShownProblem } from "../../../api/client/problem.ts";
import type { RollbackResidue } from "../../../api/contract/rollback.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import { useResidueWord } from "../../../operator/use-rollback.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Ago } from "../../../ui/instant.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { Select } from "../../../ui/select.tsx";
import { ProblemNote } from "../../../ui/states.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { visibleText } from "../../../ui/visible-text.ts";

export const person = (id: string): string => visibleText(id.split("/").at(-1) ?? id);

interface ResidueWorkProps {
  readonly rbId: string;
  readonly wid: string;
  readonly residue: RollbackResidue;
  /** What names it to a person. */
  readonly name: string;
  /** It may be another by now: nothing is signed over it. */
  readonly isOld: boolean;
}

/** What a rollback has left as somebody's work: whose it is, and whether it is dealt with, each a signed word (CAS-33). */
export function ResidueWork({ rbId, wid, residue, name, isOld }: ResidueWorkProps) {
  const { n, assignee, settled, reopened, handlingEntry } = residue;
  const [open, setOpen] = useState(false);
  const say = useResidueWord();
  const verb = settled === null ? "settle" : "reopen";
  const words = WORDS[verb];
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 pl-4 text-xs">
      {settled === null ? (
        <>
          <Mark shape="ring" tone="warning" size={10} label={reopened === null ? "open" : "open again"} />
          {reopened === null ? null : <UntrustedText text={reopened} maxCharacters={200} />}
          <Assignee rbId={rbId} n={n} name={name} assignee={assignee} isOld={isOld} />
        </>
      ) : (
        <span>
          <Mark shape="square" tone="neutral" size={10} label="dealt with" /> <Ago sinceMs={settled.at * 1000} /> by{" "}
          <bdi>{person(settled.by)}</bdi>: <UntrustedText text={settled.reason} maxCharacters={300} />
        </span>
      )}
      <Button
        writes
        size="sm"
        isDisabled={isOld}
        aria-label={`${words.button.replace(" …", "")}: ${visibleText(name)}`}
        onPress={() => setOpen(true)}
      >
        {words.button}
      </Button>
      {handlingEntry === null ? null : (
        <GoLink to="/timeline" search={{ entry: handlingEntry }}>
          entry {formatCount(handlingEntry)}
        </GoLink>
      )}
      {open ? (
        <OrderDialog
          title={words.title}
          verb={words.verb}
          busy="Signing …"
          keep="Not yet"
          why={words.why}
          done={words.done}
          doneDetail="It is in the log under your name."
          run={async (reason) => {
            const scope = { kind: "workflow", id: wid } as const;
            const problem = await say({ rbId, n, verb, reason }).then(() => null, problemOf);
            return [{ scope, jti: rbId, problem }];
          }}
          onClose={() => setOpen(false)}
        >
          <p>
            <UntrustedText text={name} maxCharacters={100} className="font-medium" />
            {words.about}
          </p>
        </OrderDialog>
      ) : null}
    </div>
  );
}

const WORDS = {
  settle: {
    button: "Dealt with …",
    title: "What is left is dealt with",
    verb: "Dealt with",
    why: "How was it dealt with? (recorded)",
    done: "Dealt with",
    about: ": it stays on the list with your name and your words. Nothing of what was done changes.",
  },
  reopen: {
    button: "Open again …",
    title: "Open what is left again",
    verb: "Open again",
    why: "Why is it not dealt with? (recorded)",
    done: "It is open again",
    about: ": it counts as open again. Nothing of what was done changes.",
  },
} as const;

const NOBODY = "";

/** Whose it is; a choice signs it, and another choice gives it to somebody else. */
function Assignee(props: Pick<ResidueWorkProps, "rbId" | "name" | "isOld"> & Pick<RollbackResidue, "n" | "assignee">) {
  const { rbId, n, name, assignee, isOld } = props;
  const { orpc } = useApi();
  const people = useQuery(orpc.identity.people.queryOptions({ input: {} }));
  const { operator } = useOperator();
  const say = useResidueWord();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ShownProblem | null>(null);
  const give = async (to: string): Promise<void> => {
    if (to === NOBODY || to === assignee) return;
    setBusy(true);
    setProblem(await say({ rbId, n, verb: "assign", assignee: to }).then(() => null, problemOf));
    setBusy(false);
  };
  const known =
    people.data?.people.map(({ subject, name: called }) => ({ id: subject, name: visibleText(called) })) ?? [];
  const listed =
    assignee === null || known.some(({ id }) => id === assignee)
      ? known
      : [...known, { id: assignee, name: person(assignee) }];
  return (
    <>
      <Select
        label={`Who deals with it: ${visibleText(name)}`}
        hideLabel
        placeholder="Nobody yet"
        items={listed}
        selectedKey={assignee}
        isDisabled={busy || isOld || operator === null}
        onSelectionChange={(to) => void give(to)}
      />
      {problem === null ? null : <ProblemNote problem={problem} />}
    </>
  );
}
