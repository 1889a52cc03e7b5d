/**
 * One task of an agent, as far as its conduct is judged: what the log knows of it, or what a recording or an observer tells.
 * Rules, drift, learning and metrics are all computed from these and nothing else (BEH-1).
 */
export interface ObservedTask {
  readonly jti: string;
  readonly wid: string;
  /** Agent id, of one workflow. */
  readonly agent: string;
  readonly action: string;
  /** Epoch ms at which it was asked for, or began where nobody was asked. */
  readonly atMs: number;
  /** Epoch ms at which it ended; null while it runs, or where that is not known. */
  readonly endedMs: number | null;
  readonly outcome: "success" | "failure" | "stopped" | "refused" | null;
  /** Nothing has let it begin so far: it comes before nothing. */
  readonly waits?: true;
  /** Classes of data and targets as it stated them; null where it stated none. */
  readonly data: readonly string[] | null;
  readonly targets: readonly string[] | null;
  /** Names of the values of its arguments, by JSON pointer, as it stated them (BEH-63); absent where it stated none. */
  readonly named?: Readonly<Record<string, string>>;
  /** A human was asked first; `waited` is whether it kept still until they had answered. */
  readonly gate: { readonly waited: boolean } | null;
  readonly tokens: number | null;
  /** Decimal string and currency. */
  readonly cost: { readonly amount: string; readonly currency: string } | null;
  /** It is part of a benchmark and no conduct of its own (BEH-16). */
  readonly bench: string | null;
}

/** A half-open span of time, epoch seconds: from <= t < to. */
export interface Window {
  readonly from: number;
  readonly to: number;
}
