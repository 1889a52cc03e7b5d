import type { Clock, Sha256 } from "../../base/ports.ts";
import type { Result } from "../../base/result.ts";
import type { Engine, SubmitError } from "../../engine/engine.ts";
import type { LoggedFact } from "../../engine/fact.ts";
import type { BenchTaskSet } from "../../protocol/behavior/bench-profile.ts";
import type { RunStore } from "../run-store.ts";

export interface BenchesPorts {
  readonly engine: Pick<Engine, "read" | "submit">;
  readonly clock: Clock;
  changed(order: string): void;
}

/** A policy and a start, both compact and the person's, as for any workflow. */
export interface BenchStart {
  readonly acp: string;
  readonly start: string;
}

/** What of a host a benchmark needs. */
export interface BenchSite {
  readonly engine: Engine;
  readonly runs: RunStore;
  readonly sha256: Sha256;
  /** What the host knows of itself. */
  readonly environment: Readonly<Record<string, string>>;
  start(run: BenchStart & { readonly speed: number }): Promise<Result<unknown, SubmitError>>;
}

export interface BenchInput {
  readonly order: string;
  /** What the person signed for each run, in the order of its ids. */
  readonly starts: readonly BenchStart[];
  /** Of a secret one: the host must know what to run (BEH-S5). */
  readonly taskSet?: BenchTaskSet | undefined;
}

/** How a benchmark stands that has no end yet. */
export interface BenchNow {
  readonly phase: "warmup" | "running" | "computing";
  /** A stop in force keeps the next run back until it is released. */
  readonly isHeld: boolean;
  /** Measured runs that are over, and how many there will be. */
  readonly done: number;
  readonly of: number;
  readonly timeouts: number;
  /** Workflows of the runs that go on now. */
  readonly wids: readonly string[];
  readonly elapsedMs: number;
  /** When the starts that were signed for it are not taken any more, ms from now. */
  readonly leftMs: number;
}

export interface BenchRun {
  readonly order: string;
  /** Once its end is in the log, or this host is closed. */
  readonly over: Promise<void>;
  begin(): void;
  now(): BenchNow;
  /** By whom, by the console's word. */
  cancel(by: string): Promise<Result<void, SubmitError>>;
  facts(logged: readonly LoggedFact[]): void;
  close(): void;
}
