import { useState } from "react";
import type { TaskState } from "../../../api/contract/task-state.ts";
import { Button } from "../../../ui/button.tsx";
import { Facts } from "../../../ui/definition-list.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { GoLink } from "../../../ui/go-link.tsx";
import { Identifier } from "../../../ui/identifier.tsx";
import { Mark } from "../../../ui/mark.tsx";
import { UntrustedText } from "../../../ui/untrusted-text.tsx";
import { Provenance } from "../provenance.tsx";
import type { TaskAnswer } from "../queries.ts";
import { Section } from "./section.tsx";

type Ect = NonNullable<TaskAnswer["ect"]>;

const STEP_MARK = {
  passed: { shape: "dot", tone: "good", label: "passed" },
  failed: { shape: "cross", tone: "critical", label: "failed" },
  not_reached: { shape: "ring", tone: "neutral", label: "not reached" },
} as const;

/** The task's ECT as this console verified it, step by step, and the token itself as plain text. */
export function TokenDetail({
  ect,
  jti,
  state,
}: {
  readonly ect: Ect | null;
  readonly jti: string;
  readonly state: TaskState;
}) {
  if (ect === null) {
    return (
      <Section title="Token">
        <p className="text-muted">
          {state === "planned" || state === "blocked"
            ? "There is none: it has not started."
            : "Its agent has not issued its ECT."}
        </p>
        <Facts items={[{ term: "Will be", value: <Identifier value={jti} label="task id" /> }]} />
      </Section>
    );
  }
  const failed = ect.steps.find((step) => step.result === "failed");
  const passed = ect.steps.filter((step) => step.result === "passed").length;
  return (
    <Section title="Token (ECT)" aside={failed === undefined ? <Provenance kind="verified" /> : null}>
      <Facts
        items={[
          {
            term: "Checks",
            value:
              failed === undefined ? (
                <Mark shape="dot" tone="good" label={`all ${passed} passed`} />
              ) : (
                <Mark shape="cross" tone="critical" label={`failed at step ${failed.step}: ${failed.code ?? ""}`} />
              ),
            hint: "recomputed from the stored bytes when you opened this",
          },
          {
            term: "Entry",
            value: (
              <GoLink to="/timeline" search={{ entry: ect.seq }}>
                entry {formatCount(ect.seq)}
              </GoLink>
            ),
          },
          { term: "Task id", value: <Identifier value={jti} label="task id" /> },
          { term: "Digest", value: <Identifier value={ect.digest} label="token digest" /> },
          { term: "Position", value: `level ${ect.level}, ${ect.position}` },
        ]}
      />
      <Fold title={`${ect.steps.length} verification steps`} open={failed !== undefined}>
        <ol className="flex flex-col">
          {ect.steps.map((step) => (
            <li key={step.step} className="flex items-baseline gap-2 border-b border-line py-0.5 last:border-b-0">
              <span className="w-5 shrink-0 text-right text-xs text-muted">{step.step}</span>
              <span className="min-w-0 flex-1">
                {step.check}
                {step.code === undefined ? null : (
                  <code className="ml-1 font-mono text-xs text-critical">{step.code}</code>
                )}
                {step.detail === undefined ? null : (
                  <span className="block text-xs text-muted">
                    <UntrustedText text={step.detail} />
                  </span>
                )}
              </span>
              <Mark {...STEP_MARK[step.result]} size={10} />
            </li>
          ))}
        </ol>
      </Fold>
      <Fold title="Header">
        <JsonText value={ect.header} />
      </Fold>
      <Fold title="Claims">
        <JsonText value={ect.claims} />
      </Fold>
      <Fold title="Compact token">
        <Identifier value={ect.token} label="compact token" whole />
      </Fold>
    </Section>
  );
}

/** Something long, opened when wanted. */
export function Fold({
  title,
  open = false,
  children,
}: {
  readonly title: string;
  readonly open?: boolean;
  readonly children: React.ReactNode;
}) {
  const [isOpen, setOpen] = useState(open);
  return (
    <div>
      <Button size="sm" variant="quiet" className="-ml-2" aria-expanded={isOpen} onPress={() => setOpen(!isOpen)}>
        <span aria-hidden="true" className={`inline-block transition-transform ${isOpen ? "rotate-90" : ""}`}>
          ▸
        </span>
        {title}
      </Button>
      {isOpen ? <div className="pt-1">{children}</div> : null}
    </div>
  );
}

/** A value as text, never as anything else. */
export function JsonText({ value }: { readonly value: unknown }) {
  return (
    <div className="max-h-80 overflow-auto border border-line bg-sunken p-2">
      <UntrustedText text={JSON.stringify(value, null, 2)} multiline mono maxCharacters={4000} />
    </div>
  );
}
