import { useState } from "react";
import { Button } from "../../ui/button.tsx";
import { Drawer } from "../../ui/drawer.tsx";
import { formatCount } from "../../ui/duration.ts";
import { Identifier } from "../../ui/identifier.tsx";
import { Instant } from "../../ui/instant.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Section } from "../../ui/section.tsx";
import { ProblemNote } from "../../ui/states.tsx";
import { AnswerLine, ReportView } from "./report-view.tsx";
import { Took } from "./took.tsx";
import type { useVerification, VerifyResult } from "./use-verification.ts";
import { VerifyFile } from "./verify-file.tsx";

export interface VerifyDrawerProps {
  readonly verification: ReturnType<typeof useVerification>;
  onOpen(seq: number): void;
  onClose(): void;
}

/** Recomputes the whole log and says what holds; below it the same for an exported file. */
export function VerifyDrawer({ verification, onOpen, onClose }: VerifyDrawerProps) {
  const { state, start, cancel, acceptHead } = verification;
  return (
    <Drawer title="Verify the log" isOpen onClose={onClose}>
      {/* Words for screen readers are positioned; they belong to this box, or they lengthen the whole page. */}
      <div className="relative">
        {state.phase === "running" ? (
          <div className="space-y-2">
            <Progress
              label="Recomputing"
              value={state.checked}
              max={state.total}
              detail={`${formatCount(state.checked)} of ${formatCount(state.total)} entries`}
            />
            <Button size="sm" onPress={cancel}>
              Cancel
            </Button>
          </div>
        ) : (
          <div className="space-y-2">
            <p className="text-muted">
              Every token, leaf and root is recomputed from the stored bytes, beside this page.
            </p>
            <Button variant="primary" onPress={start}>
              {state.phase === "done" ? "Verify again" : "Verify now"}
            </Button>
          </div>
        )}
        <div className="mt-3">
          {state.phase === "failed" ? <ProblemNote problem={state.problem} onRetry={start} /> : null}
          {state.phase === "done" ? <Result result={state.result} onOpen={onOpen} onAccept={acceptHead} /> : null}
        </div>
        <VerifyFile />
      </div>
    </Drawer>
  );
}

interface ResultProps {
  readonly result: VerifyResult;
  onOpen(seq: number): void;
  onAccept(): void;
}

function Result({ result, onOpen, onAccept }: ResultProps) {
  const { report, pin, before, remembered } = result;
  return (
    <>
      <ReportView report={report} onOpen={onOpen} pinFailed={pin.result === "failed"} />
      <Section title="Against this browser's memory">
        <ul>
          <AnswerLine
            name="Remembered head"
            question="the log verified here before is in this one"
            answer={pin}
            {...(before === null ? { word: "nothing yet" } : {})}
          />
        </ul>
        {before === null ? null : (
          <p className="mt-1 text-xs text-muted">
            {formatCount(before.size)} entries, verified <Instant epochMs={before.pinnedAtMs} full />, root{" "}
            <Identifier value={before.root} label="remembered root" />
          </p>
        )}
        {remembered ? <p className="mt-1 text-muted">Head at {formatCount(report.size)} entries remembered.</p> : null}
        {pin.result === "failed" ? <Accept onAccept={onAccept} /> : null}
      </Section>
      <Took report={report} />
    </>
  );
}

/** A contradiction stays until somebody says that the log is to be trusted from here on; two presses. */
function Accept({ onAccept }: { onAccept(): void }) {
  const [sure, setSure] = useState(false);
  return sure ? (
    <div className="mt-2 flex flex-wrap items-center gap-2">
      <p>The earlier head is forgotten. Nothing can show the contradiction again.</p>
      <Button size="sm" variant="danger" onPress={onAccept}>
        Forget it and trust this log
      </Button>
      <Button size="sm" onPress={() => setSure(false)}>
        Keep it
      </Button>
    </div>
  ) : (
    <Button size="sm" onPress={() => setSure(true)} className="mt-2">
      Trust this log from here on …
    </Button>
  );
}
