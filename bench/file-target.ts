import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileStorage } from "../server/file-storage.ts";
import type { AppendTarget } from "./work/append.ts";
import { value } from "./work/signed-load.ts";

/** Directories of their own for every repetition, removed afterwards. The raw bytes are made before they are timed. */
export const fileTarget: AppendTarget = {
  openLog: async () => {
    const folder = await newFolder();
    const storage = value(await openFileStorage(folder));
    return {
      log: storage.log,
      remove: async () => {
        storage.log.close();
        // Who opens next waits for the closing: then everything of ours is off the disk.
        value(await openFileStorage(folder)).log.close();
        await removeFolder(folder);
      },
    };
  },
  openRaw: async (batches) => {
    const folder = await newFolder();
    const file = await open(join(folder, "raw"), "w");
    const lines = batches.map((entries) => Buffer.from(`${JSON.stringify({ entries })}\n`));
    return {
      append: async (at) => {
        await file.write(lines[at] ?? Buffer.alloc(0));
        await file.sync();
      },
      remove: async () => {
        await file.close();
        await removeFolder(folder);
      },
    };
  },
};

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "signalbox-bench-"));
const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 5 });
