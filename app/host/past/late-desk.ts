import { isSnapshotDue } from "../../engine/seal.ts";
import type { PastDesk, PastPorts } from "./past-desk.ts";
import type { ShelfPorts, SnapshotShelf } from "./snapshot-shelf.ts";

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

/** The shelf of earlier snapshots is loaded when one may be due, or the past is looked at. */
export function lateShelf(ports: ShelfPorts): Pick<SnapshotShelf, "sizes" | "read" | "appended"> {
  let shelf: Promise<SnapshotShelf> | null = null;
  let looked = 0;
  const open = (): Promise<SnapshotShelf> => {
    shelf ??= import("./snapshot-shelf.ts").then(({ createSnapshotShelf }) => createSnapshotShelf(ports));
    shelf.catch(() => {
      shelf = null;
    });
    return shelf;
  };
  return {
    sizes: async () => (await open()).sizes(),
    read: async (size) => (await open()).read(size),
    appended: (size) => {
      if (!isSnapshotDue(size, looked)) return;
      looked = size;
      open().then(
        (opened) => opened.appended(size),
        () => undefined,
      );
    },
  };
}
