import { useState } from "react";
import { agentsWords, stayWords, tasksWords } from "../../../api/client/rollback-words.ts";
import type { RollbackPlanView } from "../../../api/contract/rollback.ts";
import { OrderDialog } from "../../../operator/order-dialog.tsx";
import { SecondPerson, useSecondPerson } from "../../../operator/second-person.tsx";
import { type RollbackOrder, useRollbackOrder } from "../../../operator/use-rollback.ts";
import { Button } from "../../../ui/button.tsx";
import { Facts } from "../../../ui/definition-list.tsx";
import { Identifier } from "../../../ui/identifier.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { TaskName, ToTell } from "./names.tsx";
import { planDiff } from "./plan-diff.ts";
import { countsWords, DiffWords } from "./plan-summary.tsx";
import { typedTarget } from "./typed-target.ts";

export interface SignRollbackProps {
  readonly order: Pick<RollbackOrder, "wid" | "target" | "keepTarget" | "bestEffort">;
  /** What is gone back to, in words; `name` is text of a recording, where the target has one. */
  readonly targetWords: string;
  readonly name: string | null;
  /** The plan as it is made now: it may change while this is open. */
  readonly plan: RollbackPlanView;
  onOrdered(rbId: string): void;
  /** The host has another plan by now. */
  onStale(): void;
  onClose(): void;
}

const LISTED = 5;

/**
 * Two people sign the plan that is shown (D4, F1). A plan that is another one meanwhile is not signed: what is different is
 * shown first. Where something stays for good the target is typed (F2).
 */
export function SignRollback({ order, targetWords, name, plan: now, onOrdered, onStale, onClose }: SignRollbackProps) {
  const give = useRollbackOrder();
  const people = useSecondPerson();
  const [plan, setPlan] = useState(now);
  const [typed, setTyped] = useState("");
  const { counts, cut, participants } = plan;
  const final = plan.steps.filter(({ list }) => list === "impossible");
  const wanted = final.length === 0 ? null : typedTarget(name, plan.planHash);
  const isTyped = wanted === null || typed.trim() === wanted.text;
  const isCurrent = plan.planHash === now.planHash;
  const changed = plan.steps.length - counts.skipped;
  return (
    <OrderDialog
      title="Roll back"
      verb="Roll back"
      busy="Signing …"
      keep="Leave it as it is"
      why="Why is it rolled back? (recorded)"
      done="The rollback is ordered"
      doneDetail="What has come of each step is shown beside the graph."
      size="lg"
      isReady={people.second !== null && isTyped && isCurrent}
      run={async (reason) => {
        const second = people.second ?? { kid: "", passphrase: "" };
        const given = await give({ ...order, planHash: plan.planHash, reason, second });
        const [first] = given;
        if (first?.problem?.code === "rollback_plan_changed") onStale();
        if (first !== undefined && first.problem === null) onOrdered(first.jti);
        return given;
      }}
      onClose={onClose}
    >
      <Facts
        items={[
          {
            term: "Back to",
            value: (
              <>
                {targetWords}
                {name === null ? null : <UntrustedText text={name} maxCharacters={120} className="font-semibold" />}
              </>
            ),
          },
          { term: "Now", value: `${tasksWords(plan.steps.length)} done since then` },
          { term: "Then", value: `${countsWords(plan)}; ${stayWords(cut.stays)} as before` },
          {
            term: "If one fails",
            value: order.bestEffort
              ? "the others are undone as far as they can be"
              : "nothing more is begun, and what was not undone is listed",
          },
          {
            term: "Meanwhile",
            value: `${agentsWords(participants.length)} take part. All agents of the workflow are held, and paused afterwards until somebody resumes them.`,
          },
          { term: "Plan", value: <Identifier value={plan.planHash} label="digest of the plan" /> },
        ]}
      />
      {final.length === 0 ? null : (
        <section aria-label="Stays changed for good" className="border border-critical bg-critical-soft px-3 py-2">
          <p className="font-semibold">{stayWords(final.length)} changed for good</p>
          <ul>
            {final.slice(0, LISTED).map((step) => (
              <li key={step.n}>
                <TaskName task={step} plain />
                <ToTell tell={step.tell} />
              </li>
            ))}
            {final.length > LISTED ? <li>and {final.length - LISTED} more, in the dry run</li> : null}
          </ul>
        </section>
      )}
      <p>
        <strong>{changed === 1 ? "1 task is changed back" : `${changed} tasks are changed back`}</strong>, as the dry
        run says. The log keeps all that was done: undoing adds to it.
      </p>
      {isCurrent ? null : (
        <div role="alert" className="space-y-1 border border-warning bg-warning-soft px-3 py-2">
          <p className="font-semibold">The plan is another one now: it has to be read again.</p>
          <DiffWords diff={planDiff(plan, now)} />
          <Button size="sm" onPress={() => setPlan(now)}>
            Take the new plan
          </Button>
        </div>
      )}
      {wanted === null ? null : (
        <TextField
          label={`Type the ${wanted.what} to sign: ${wanted.text}`}
          value={typed}
          onChange={setTyped}
          mono
          isRequired
        />
      )}
      <SecondPerson state={people} what="A rollback" />
    </OrderDialog>
  );
}
