import { must } from "../../base/assert.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { CheckBatch, CheckEnded, EntryCheck, EntryChecker } from "../../protocol/audit/entry-check.ts";
import { type FromCheckWorker, type ToCheckWorker, unpackChecks } from "./messages.ts";

/** What of a worker is used here. */
export type CheckWorker = Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onmessageerror" | "onerror">;

export interface CheckPoolPorts {
  /** Makes a worker that runs `createCheckService`. */
  spawn(): CheckWorker;
  /** Workers at most. One core is left to the engine: a stop does not wait for a verification. */
  readonly workers: number;
  /** Entries from which on they are worth making. */
  readonly from: number;
  /** A name no other pool of this origin uses, a new one each time: prefix of the locks by which the end of a worker is seen. */
  name(): string;
  /** Resolves when nobody holds the lock; rejects when the signal ends the wait. */
  free(lock: string, signal: AbortSignal): Promise<unknown>;
}

export interface CheckPool extends EntryChecker {
  /** Ends the workers, whatever they are at. */
  close(): void;
}

type Answer = Result<readonly EntryCheck[], CheckEnded>;

interface Member {
  readonly worker: CheckWorker;
  /** Keys it has been told. */
  told: number;
  readonly asked: Map<number, { readonly batch: CheckBatch; answer(answer: Answer): void }>;
}

/** Entries a message carries: copying them keeps the thread that sends them for a millisecond. */
const BATCH = 250;
/** Batches a worker has at once, so that it never waits for the next. */
const EACH_AHEAD = 2;

/**
 * A pool of workers for one verification. A worker that ends before it has answered, by itself or because it was ended,
 * ends the verification: nothing is taken for checked that was not.
 */
export function openCheckPool(
  ports: Omit<CheckPoolPorts, "from">,
  ownIds: readonly string[],
  batchSize = BATCH,
): CheckPool {
  const ended = new AbortController();
  const name = ports.name();
  const members: Member[] = [];
  let problem: CheckEnded | null = null;
  let ids = 0;

  const end = (why: CheckEnded): void => {
    problem ??= why;
    ended.abort();
    for (const { worker, asked } of members) {
      worker.terminate();
      for (const { answer } of asked.values()) answer(err(problem));
      asked.clear();
    }
  };
  const lost = (detail: string): void => end({ code: "verification_worker_lost", detail });

  const hear = (member: Member, lock: string, message: FromCheckWorker): void => {
    if (problem !== null) return;
    if (message.t === "ready") {
      // It has the lock now; who gets it next knows that the worker is gone.
      void ports.free(lock, ended.signal).then(
        () => lost("a worker that checked entries ended before it had answered"),
        () => undefined,
      );
      return;
    }
    if (message.t === "failed") {
      lost(`a worker that checked entries broke off: ${message.detail}`);
      return;
    }
    const { batch, answer } = must(member.asked.get(message.id), "a worker answers what it was asked");
    member.asked.delete(message.id);
    answer(ok(unpackChecks(message.checks, batch)));
  };

  const make = (): Member => {
    const member: Member = { worker: ports.spawn(), told: 0, asked: new Map() };
    const lock = `${name}-${members.length}`;
    member.worker.onmessage = ({ data }: MessageEvent<FromCheckWorker>) => hear(member, lock, data);
    member.worker.onerror = () => lost("a worker that checks entries could not be started, or failed");
    member.worker.onmessageerror = () => lost("a worker's answer could not be read");
    member.worker.postMessage({ t: "open", lock, ownIds } satisfies ToCheckWorker);
    members.push(member);
    return member;
  };

  /** One that has least to do; a new one as long as all are busy and there may be more. */
  const next = (): Member => {
    const least = members.toSorted((a, b) => a.asked.size - b.asked.size)[0];
    return least === undefined || (least.asked.size > 0 && members.length < ports.workers) ? make() : least;
  };

  return {
    batch: batchSize,
    ahead: ports.workers * EACH_AHEAD,
    check: (batch) => {
      if (problem !== null) return Promise.resolve(err(problem));
      const member = next();
      const { first, entries, keys } = batch;
      const identities = new Set([...entries.keys()].filter((index) => batch.identities.has(index)));
      const bindings = keys.bindings().slice(member.told);
      member.told += bindings.length;
      ids += 1;
      const id = ids;
      return new Promise((answer) => {
        member.asked.set(id, { batch, answer });
        member.worker.postMessage({ t: "check", id, first, entries, bindings, identities } satisfies ToCheckWorker);
      });
    },
    close: () => end({ code: "verification_cancelled", detail: "the verification was ended" }),
  };
}
