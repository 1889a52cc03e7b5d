import { useEffect, useRef, useState } from "react";
import { useApi } from "../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../api/client/client.ts";
import { problemOf, type ShownProblem } from "../../api/client/problem.ts";
import type { VerifyReport } from "../../api/contract/audit.ts";
import { assert } from "../../base/assert.ts";
import { comparePin, type PinAnswer, type PinnedHead, type Proof, readPin, writePin } from "./pinned-head.ts";
import { allPassed } from "./report.ts";

export interface VerifyResult {
  readonly logId: string;
  readonly report: VerifyReport;
  readonly pin: PinAnswer;
  /** What was remembered before, if anything. */
  readonly before: PinnedHead | null;
  /** The report's head is remembered now. */
  readonly remembered: boolean;
}

export type Verification =
  | { readonly phase: "idle" }
  | { readonly phase: "running"; readonly checked: number; readonly total: number }
  | { readonly phase: "done"; readonly result: VerifyResult }
  | { readonly phase: "failed"; readonly problem: ShownProblem };

/** Runs the verification of the log and keeps its result while the pane is open; at most one at a time. */
export function useVerification() {
  const { client } = useApi();
  const [state, setState] = useState<Verification>({ phase: "idle" });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const start = (): void => {
    if (running.current !== null) return;
    const control = new AbortController();
    running.current = control;
    setState({ phase: "running", checked: 0, total: 0 });
    void verifyWithPin(client, control.signal, (checked, total) => setState({ phase: "running", checked, total }))
      .then((result): Verification => ({ phase: "done", result }))
      .catch(
        (error: unknown): Verification =>
          control.signal.aborted ? { phase: "idle" } : { phase: "failed", problem: problemOf(error) },
      )
      .then((next) => {
        running.current = null;
        setState(next);
      });
  };
  /** The operator trusts what is there now: it is remembered instead of what was. */
  const acceptHead = (): void => {
    if (state.phase !== "done") return;
    const remembered = remember(state.result.logId, state.result.report);
    const detail = "you accepted this head in place of the one remembered before";
    setState({
      phase: "done",
      result: { ...state.result, remembered, pin: { result: "not_checked", detail } },
    });
  };
  return { state, start, cancel: () => running.current?.abort(), acceptHead };
}

/** Asking for the verification starts it, whether by a key, a link or another view; once for each opening. */
export function useStartOnOpening(isOpen: boolean, start: () => void): void {
  const latest = useRef(start);
  useEffect(() => {
    latest.current = start;
  });
  useEffect(() => {
    if (!isOpen) return;
    const timer = setTimeout(() => latest.current(), 0);
    return () => clearTimeout(timer);
  }, [isOpen]);
}

/** Verifies the log, holds the report against the remembered head, and remembers the new one where everything passed. */
async function verifyWithPin(
  client: SignalboxClient,
  signal: AbortSignal,
  onProgress: (checked: number, total: number) => void,
): Promise<VerifyResult> {
  const { logId } = await client.audit.heads(undefined, { signal });
  const report = await readReport(await client.audit.verify(undefined, { signal }), onProgress);
  const before = readPin(logId, localStorage);
  const proofOf = async (seq: number): Promise<Proof> => {
    const { leaf, receipt } = await client.audit.entry({ seq }, { signal });
    const { tree_size: treeSize, root, path } = receipt.claims;
    return { leaf, seq, treeSize, root, path };
  };
  const pin = await comparePin(before, report, proofOf);
  const remembered = allPassed(report) && (before === null || pin.result === "passed") && remember(logId, report);
  return { logId, report, pin, before, remembered };
}

type VerifyEvents = Awaited<ReturnType<SignalboxClient["audit"]["verify"]>>;

async function readReport(
  events: VerifyEvents,
  onProgress: (checked: number, total: number) => void,
): Promise<VerifyReport> {
  let report: VerifyReport | null = null;
  for await (const event of events) {
    if (event.type === "progress") onProgress(event.checked, event.total);
    else report = event.report;
  }
  assert(report !== null, "the last event of a verification is its report");
  return report;
}

function remember(logId: string, report: VerifyReport): boolean {
  if (report.size === 0) return false;
  return writePin(logId, { size: report.size, root: report.root, pinnedAtMs: report.atMs }, localStorage);
}
