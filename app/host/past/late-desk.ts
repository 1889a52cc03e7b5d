import type { PastDesk, PastPorts } from "./past-desk.ts";

/** Where a view of the past stands: after `size` entries, the last of which came at `atMs` (epoch ms, by the log). */
export interface AsOf {
  readonly size: number;
  readonly root: string;
  readonly atMs: number;
}

/** The past of a log is looked at now and then: its part is loaded when somebody first does. */
export interface LateDesk {
  open(): Promise<PastDesk>;
  close(): void;
}

export function lateDesk(ports: PastPorts): LateDesk {
  let desk: Promise<PastDesk> | null = null;
  return {
    open: async () => {
      desk ??= import("./past-desk.ts").then(({ createPastDesk }) => createPastDesk(ports));
      try {
        return await desk;
      } catch (error) {
        // What could not be loaded now is loaded when it is asked for again.
        desk = null;
        throw error;
      }
    },
    // A part that could not be loaded has nothing to close.
    close: () => void desk?.then((opened) => opened.close()).catch(() => undefined),
  };
}
