import type { LoggedFact } from "../engine/fact.ts";
import type { Metering, MeteringPorts } from "./metering.ts";

/** So long after a task has ended it is metered in a console with people before it, ms. */
export const METERED_EVERY_MS = 500;

const SINCE = "metering/since";

/** The metering point, loaded with the first thing it is about: a host opens without it. */
export function createLateMetering(ports: MeteringPorts): Omit<Metering, "open"> & { open(): Promise<void> } {
  let loading: Promise<Metering> | null = null;
  let closed = false;
  const load = (): Promise<Metering> => {
    loading ??= import("./metering.ts").then(({ createMetering }) => createMetering(ports));
    return loading;
  };
  const told = (error: unknown): void =>
    ports.trouble(error instanceof Error ? error.message : "metering cannot be loaded");
  return {
    facts: (logged) => {
      if (loading === null && !logged.some(isMetered)) return;
      void load()
        .then((metering) => (closed ? undefined : metering.facts(logged)))
        .catch(told);
    },
    open: async () => {
      const { from, size } = await since(ports);
      // What ended before anything was metered here stays unmetered. Nobody waits for the rest.
      if (from < size)
        void load()
          .then((metering) => (closed ? undefined : metering.open(from)))
          .catch(told);
    },
    close: () => {
      closed = true;
      void loading?.then((metering) => metering.close()).catch(() => undefined);
    },
  };
}

/** A workflow starts, a task ends, or finance orders a correction. */
const isMetered = ({ fact }: LoggedFact): boolean => fact.typ === "exec+jwt" || fact.typ === "usage-correction+jwt";

/** Size of the log from which on it is metered: kept when a host that meters is opened over it first. */
async function since({ engine, values, trouble }: MeteringPorts): Promise<{ from: number; size: number }> {
  const size = await engine.read((_state, head) => head.size);
  const kept = await values.get(SINCE);
  if (kept.ok && typeof kept.value === "number") return { from: kept.value, size };
  const put = kept.ok ? await values.put(SINCE, size) : kept;
  if (!put.ok) trouble(put.error.detail);
  return { from: size, size };
}
