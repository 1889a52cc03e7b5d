import { type RefObject, useMemo, useState } from "react";
import { useConnection } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import { useOperator } from "../../../operator/operator-context.tsx";
import { Button } from "../../../ui/button.tsx";
import { useNow } from "../../../ui/clock.ts";
import { formatCount } from "../../../ui/duration.ts";
import { Section } from "../../../ui/section.tsx";
import { Empty, Loading, ProblemNote } from "../../../ui/states.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { FIRST_FOLD } from "../arguments-text.ts";
import { consequenceMark } from "../names.ts";
import type { BatchGiven } from "../next-ones/after-batch.tsx";
import { RequestBody } from "../request-body.tsx";
import { ScrollBody } from "../scroll-body.tsx";
import { useArmed } from "../use-request.ts";
import { BatchBar } from "./batch-bar.tsx";
import { type BatchMember, leftOut } from "./batch-member.ts";
import { differencesOf } from "./differences.ts";
import { DifferencesTable } from "./differences-table.tsx";
import { browserChance, sampleOf } from "./sample.ts";
import { useBatch } from "./use-batch.ts";

export interface BatchPaneProps {
  /** The requests as they were when the batch was opened: what arrives later is not decided with them. */
  readonly requests: readonly string[];
  readonly pane: RefObject<HTMLElement | null>;
  onClose(): void;
  /** All were given: recorded one by one, or kept for a while. */
  onGiven(requests: readonly string[], given: BatchGiven): void;
}

/** Look-alikes that are decided together: their differences, and a sample of them opened before anything can be approved. */
export function BatchPane(props: BatchPaneProps) {
  const batch = useBatch(props.requests);
  if (batch.isError)
    return (
      <div className="min-w-0 flex-1 p-4">
        <ProblemNote problem={problemOf(batch.error)} onRetry={() => void batch.refetch()} />
      </div>
    );
  if (batch.data === undefined)
    return (
      <div className="min-w-0 flex-1 p-4">
        <Loading what="the requests" />
      </div>
    );
  return <Read {...props} all={batch.data} />;
}

function Read({ all, pane, onClose, onGiven }: BatchPaneProps & { readonly all: readonly BatchMember[] }) {
  const connection = useConnection();
  const operator = useOperator();
  const presenceAgeS = useNow() / 1000 - operator.authTime;
  const context = {
    connection: connection.state,
    operator: {
      status: operator.status,
      subject: operator.operator?.subject ?? null,
      roles: operator.operator?.roles ?? [],
    },
    presenceAgeS,
  };
  const reasons = new Map(all.map((member) => [member.detail.row.request, leftOut(member, context)]));
  const members = all.filter((member) => reasons.get(member.detail.row.request) === null);
  const left = all.filter((member) => reasons.get(member.detail.row.request) !== null);
  if (members.length < 2)
    return (
      <div className="min-w-0 flex-1 p-4">
        <Empty title="Nothing to decide together">
          <p>{reasons.values().next().value ?? "Each of these has to be read by itself."}</p>
          <Button onPress={onClose}>Back to the request</Button>
        </Empty>
      </div>
    );
  return (
    <Together
      key={members.map((member) => member.detail.row.request).join()}
      members={members}
      left={left}
      presenceAgeS={presenceAgeS}
      pane={pane}
      onClose={onClose}
      onGiven={onGiven}
    />
  );
}

interface TogetherProps extends Omit<BatchPaneProps, "requests"> {
  readonly members: readonly BatchMember[];
  readonly left: readonly BatchMember[];
  readonly presenceAgeS: number;
}

function Together({ members, left, presenceAgeS, pane, onClose, onGiven }: TogetherProps) {
  const differences = useMemo(() => differencesOf(members.map(({ detail }) => detail)), [members]);
  const [sample] = useState(() => sampleOf(members.map(weightOf), browserChance));
  // Step 0 shows the differences, each after it one request of the sample.
  const [step, setStep] = useState(0);
  const [fold, setFold] = useState(FIRST_FOLD);
  const request = sample[step - 1];
  const current = members.find(({ detail }) => detail.row.request === request);
  const { armed, shownAtMs } = useArmed(request ?? "differences");
  const [openedAtMs] = useState(shownAtMs);
  const opened = sample.slice(0, Math.max(0, armed ? step : step - 1));
  const first = members[0]?.detail;
  if (first === undefined) return null;
  return (
    <article className="flex h-full min-h-0 min-w-0 flex-1 flex-col bg-panel" aria-label="Look-alikes">
      <header className="max-h-[30%] shrink-0 overflow-auto border-b border-strong px-4 py-2">
        <h2 className="font-mono text-lg font-semibold">
          {formatCount(members.length)} × <UntrustedText text={first.claims.task.exec_act} maxCharacters={80} />
        </h2>
        <p className="text-muted">
          Same agent, action, rules and shape of arguments; {consequenceMark(first.claims.consequence).label}.{" "}
          {left.length === 0 ? "" : `${formatCount(left.length)} more look alike and have to be read by themselves.`}
        </p>
      </header>
      <ScrollBody key={step}>
        {current === undefined ? (
          <Section title="In what they differ">
            <DifferencesTable members={members} differences={differences} />
          </Section>
        ) : (
          <>
            <Section title={`Sample ${step} of ${sample.length}`}>
              <UntrustedText text={current.detail.row.taskName} maxCharacters={80} />{" "}
              <span className="text-muted">
                {step === 1 ? "reaches furthest or has the longest arguments" : "was chosen by chance"}
              </span>
            </Section>
            <RequestBody
              detail={current.detail}
              checks={current.checks}
              flags={[]}
              fold={fold}
              commitment={NOT_ASKED}
              onFold={setFold}
            />
          </>
        )}
      </ScrollBody>
      <BatchBar
        members={members}
        shown={{ members: members.map(({ detail }) => detail.row.request), opened, differences }}
        shownAtMs={openedAtMs}
        fold={fold}
        presenceAgeS={presenceAgeS}
        sampleSize={sample.length}
        isLast={step === sample.length}
        armed={armed}
        pane={pane}
        onNext={() => {
          setFold(FIRST_FOLD);
          setStep(Math.min(sample.length, step + 1));
        }}
        onClose={onClose}
        onGiven={onGiven}
      />
    </article>
  );
}

/** What asks for one's own view first is no member. */
const NOT_ASKED = { isDue: false, given: null } as const;

/** How much of the attention a member deserves: what it reaches, and how long its arguments are. */
function weightOf({ detail }: BatchMember) {
  const { blast, request } = detail.row;
  const reach = (blast?.irreversible ?? 0) * 1_000_000 + (blast?.tasks ?? 0) * 1_000;
  return { request, weight: reach + Math.min(999, detail.canonicalArgs.length / 100) };
}
