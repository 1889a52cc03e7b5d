import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import { importBundledRun } from "../../../api/embedded/bundled-runs.ts";
import { type ImportError, type ImportProgress, importFile } from "../../../api/embedded/import-file.ts";
import type { RunChoice } from "../../../protocol/run/import-messages.ts";
import type { RecordedRun } from "../../../protocol/run/recorded-run.ts";
import type { ShownProblem } from "../../../ui/states.tsx";
import { writesOf } from "../policy/action-facts.ts";
import { writesKey } from "../policy/use-action-facts.ts";
import { type RunSource, sourceName } from "./run-source.ts";

/** Where loading a recording stands. */
export type ImportState =
  | { readonly step: "choose" }
  | { readonly step: "reading"; readonly name: string; readonly progress: ImportProgress }
  | { readonly step: "failed"; readonly problem: ShownProblem }
  /** The files hold several runs: one is to be chosen. */
  | { readonly step: "several"; readonly source: RunSource; readonly name: string; readonly runs: readonly RunChoice[] }
  | {
      readonly step: "read";
      readonly run: RecordedRun;
      readonly problem: ShownProblem | null;
      readonly storing: boolean;
    };

export interface Importing {
  readonly state: ImportState;
  /** With the id of a run where the files are known to hold several. */
  read(source: RunSource, run?: string): void;
  cancel(): void;
  /** To the runs of the same files where they held several, else to the start. */
  back(): void;
  /** Stores the run that was read; answers its digest, or null when that failed and the state says why. */
  store(): Promise<string | null>;
}

const CHOOSE: ImportState = { step: "choose" };

/** Reads a recording in a worker, with progress and cancel, and stores it in the host. */
export function useImport(): Importing {
  const { client } = useApi();
  const queries = useQueryClient();
  const [state, setState] = useState<ImportState>(CHOOSE);
  const running = useRef<AbortController | null>(null);
  const several = useRef<ImportState | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const read = useCallback((source: RunSource, run?: string): void => {
    running.current?.abort();
    if (run === undefined) several.current = null;
    const mine = new AbortController();
    running.current = mine;
    const name = sourceName(source);
    const onProgress = (progress: ImportProgress): void => {
      if (running.current === mine) setState({ step: "reading", name, progress });
    };
    onProgress({ bytes: 0, totalBytes: 0 });
    const options = { onProgress, signal: mine.signal, run };
    const reading =
      source.kind === "bundled" ? importBundledRun(source.run, options) : importFile(source.files, options);
    void reading.then((result) => {
      if (running.current !== mine) return;
      running.current = null;
      if (result.ok) setState({ step: "read", run: result.value, problem: null, storing: false });
      else if (result.error.code === "import_cancelled") setState(several.current ?? CHOOSE);
      else if (result.error.code === "import_several_runs") {
        several.current = { step: "several", source, name, runs: result.error.runs ?? [] };
        setState(several.current);
      } else setState({ step: "failed", problem: importProblem(result.error) });
    });
  }, []);

  const store = async (): Promise<string | null> => {
    if (state.step !== "read") return null;
    setState({ ...state, storing: true, problem: null });
    try {
      const { digest } = await client.workflow.addRun(state.run);
      queries.setQueryData(writesKey(digest), writesOf(state.run));
      // Whoever comes back from the policy may go on to it again.
      setState({ ...state, storing: false, problem: null });
      return digest;
    } catch (error) {
      setState({ ...state, storing: false, problem: problemOf(error) });
      return null;
    }
  };

  return {
    state,
    read,
    cancel: () => running.current?.abort(),
    back: () => {
      if (state.step === "several") several.current = null;
      setState(several.current ?? CHOOSE);
    },
    store,
  };
}

/** What is wrong with a file: which, where in it, and what was expected there. */
function importProblem(error: ImportError): ShownProblem {
  return {
    title: `${error.file === "" ? "The file" : error.file} could not be read as a recorded run`,
    detail: `At ${error.place}: ${error.detail}.`,
    code: error.code,
    next: `Expected: ${error.expected}.`,
  };
}
