import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import { problemOf } from "../../api/client/problem.ts";
import { OrderDialog } from "../../operator/order-dialog.tsx";
import { useFinding } from "../../operator/use-finding.ts";
import { Select } from "../../ui/select.tsx";
import { Loading, ProblemNote } from "../../ui/states.tsx";
import { visibleText } from "../../ui/visible-text.ts";

/** A crossing or a gap, and as what it was found. */
export interface FindingRef {
  readonly finding: "crossing" | "gap";
  readonly item: string;
  readonly code: string;
  /** In words, for the dialogs. */
  readonly what: string;
}

export interface FindingDialogProps {
  readonly of: FindingRef;
  onClose(): void;
}

/** Gives a finding to somebody; signed and logged, so that nobody can say they were not asked (N11). */
export function AssignDialog({ of, onClose }: FindingDialogProps) {
  const { orpc } = useApi();
  const handle = useFinding();
  const people = useQuery(orpc.identity.people.queryOptions({ input: {} }));
  const [to, setTo] = useState<string | null>(null);
  const { finding, item, code } = of;
  return (
    <OrderDialog
      title="Assign"
      verb="Assign"
      busy="Assigning …"
      keep="Leave it"
      why="What is to be found out? (recorded)"
      done="The finding is assigned"
      doneDetail="The log says to whom, by whom and what for."
      isReady={to !== null}
      run={async (note) => {
        if (to !== null) await handle({ finding, item, code, verb: "assign", to, note });
        return [];
      }}
      onClose={onClose}
    >
      <p>{visibleText(of.what)}</p>
      {people.data === undefined ? (
        people.isError ? (
          <ProblemNote problem={problemOf(people.error)} onRetry={() => void people.refetch()} />
        ) : (
          <Loading what="the people" />
        )
      ) : (
        <Select
          label="To"
          placeholder="Choose a person"
          items={people.data.people.map(({ subject, name }) => ({ id: subject, name: visibleText(name) }))}
          selectedKey={to}
          onSelectionChange={setTo}
        />
      )}
    </OrderDialog>
  );
}

/** Says what became of a finding. It changes no log of a domain: what was found stays to be seen. */
export function ResolveDialog({ of, onClose }: FindingDialogProps) {
  const handle = useFinding();
  const { finding, item, code } = of;
  return (
    <OrderDialog
      title="Resolve"
      verb="Resolve"
      busy="Resolving …"
      keep="Leave it open"
      why="What became of it? (recorded)"
      done="The finding is resolved"
      doneDetail="What was found stays to be seen, with who resolved it and why."
      run={async (reason) => {
        await handle({ finding, item, code, verb: "resolve", reason });
        return [];
      }}
      onClose={onClose}
    >
      <p>{visibleText(of.what)}</p>
      <p>
        <strong>Nothing in the domains&apos; logs is changed by it.</strong> Found as something else, it is open again.
      </p>
    </OrderDialog>
  );
}
