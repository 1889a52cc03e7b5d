import { useEffect, useRef, useState } from "react";
import { useApi } from "../../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../../api/client/client.ts";
import { createLaneLog, type LaneLog, type LaneLogBuilder } from "./lane-log.ts";

/** A log that is read: which, and how many entries it has as far as is known. */
export interface LogToRead {
  /** Null for the one in view. */
  readonly domain: string | null;
  readonly size: number;
}

export interface LaneLogs {
  /** One for each domain, the one in view first. */
  readonly logs: readonly LaneLog[];
  /** Entries that are here. */
  readonly loaded: number;
  /** Why reading ended early; null while it goes on or is done. */
  readonly error: unknown;
  retry(): void;
}

/** Entries asked for at once: few enough that a stop that comes meanwhile does not wait in the host for them (S5). */
const PART = 10_000;
/** While a log is read, the lanes are made anew when there is so many times more of it: making them costs as much as reading. */
const SHOW_AT = 1.5;
/** A log from here on is read on at most so often while it grows, entries and ms. */
const LARGE = 100_000;
const LARGE_EVERY_MS = 1000;

/** Logs in columns, read part by part, and on when they grow. What was read never changes. */
export function useLaneLogs(toRead: readonly LogToRead[]): LaneLogs {
  const { client } = useApi();
  const [shown, setShown] = useState<Omit<LaneLogs, "retry">>({ logs: [], loaded: 0, error: null });
  const [tries, setTries] = useState(0);
  const builders = useRef(new Map<string | null, LaneLogBuilder>());
  const readAt = useRef(Number.NEGATIVE_INFINITY);
  const asked = JSON.stringify(toRead);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another try is one more reading
  useEffect(() => {
    const ended = new AbortController();
    const size = [...builders.current.values()].reduce((sum, builder) => sum + builder.size, 0);
    const restMs = size < LARGE ? 0 : Math.max(0, LARGE_EVERY_MS - (performance.now() - readAt.current));
    const wanted: readonly LogToRead[] = JSON.parse(asked);
    const show = (): void => {
      readAt.current = performance.now();
      const built = wanted.flatMap(({ domain }) => builders.current.get(domain) ?? []);
      setShown({
        logs: built.map((builder) => builder.log()),
        loaded: built.reduce((sum, { size }) => sum + size, 0),
        error: null,
      });
    };
    const read = async (): Promise<void> => {
      for (const log of wanted) await readParts(client, builders.current, log, ended.signal, show);
    };
    const timer = setTimeout(() => {
      read().catch((error: unknown) => {
        if (!ended.signal.aborted) setShown((now) => ({ ...now, error }));
      });
    }, restMs);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [client, asked, tries]);
  return { ...shown, retry: () => setTries((times) => times + 1) };
}

async function readParts(
  client: SignalboxClient,
  builders: Map<string | null, LaneLogBuilder>,
  { domain, size }: LogToRead,
  signal: AbortSignal,
  show: () => void,
): Promise<void> {
  let shownSize = 0;
  while ((builders.get(domain)?.size ?? 0) < size) {
    const from = builders.get(domain)?.size ?? 0;
    const which = domain === null ? {} : { domain };
    const part = await client.audit.lanes({ ...which, from, limit: PART }, { signal });
    if (signal.aborted || part.count === 0) return;
    const builder = builders.get(domain) ?? createLaneLog(part.domain);
    builders.set(domain, builder);
    // Two readings may overlap when the log grows: the first one to come counts.
    if (builder.size !== part.from) continue;
    const taken = builder.append(part);
    if (!taken.ok) throw new Error(`a part of the log does not fit: ${taken.error.code}`);
    if (builder.size < size && builder.size < shownSize * SHOW_AT) continue;
    shownSize = builder.size;
    show();
  }
}
