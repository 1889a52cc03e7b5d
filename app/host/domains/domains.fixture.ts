import { must } from "../../base/assert.ts";
import { err } from "../../base/result.ts";
import type { Storage } from "../../engine/ports.ts";
import type { RecordedRun } from "../../protocol/run/recorded-run.ts";
import { createMemoryStorage } from "../../storage/memory/memory-storage.ts";
import { openedHost } from "../host.fixture.ts";
import type { HostPorts } from "../open-host.ts";
import { runAcross } from "./run-across.fixture.ts";

/** From core to metro and access, which nothing orders, and back: four crossings. */
export const acrossThree = (): RecordedRun =>
  runAcross([
    ["plan", "core.example", []],
    ["carry", "metro.example", ["plan"]],
    ["fit", "access.example", ["plan"]],
    ["verify", "core.example", ["carry", "fit"]],
  ]);

/** A host that may have other domains, over storage of which every append can be refused by name of the log. */
export async function besideOthers(
  refuses: (log: string) => boolean = () => false,
  ports: Partial<HostPorts> = {},
  storage: Storage = createMemoryStorage(),
) {
  const log = {
    ...storage.log,
    append: async (...args: Parameters<Storage["log"]["append"]>): ReturnType<Storage["log"]["append"]> =>
      refuses(args[0])
        ? err({ code: "storage_blocked", retry: true, detail: "refused by the test" })
        : storage.log.append(...args),
  };
  const opened = await openedHost({ domains: {}, ...ports, storage: { ...storage, log } });
  const desk = async () => must(await opened.host.domains.desk(), "there are other domains");
  return { ...opened, desk, storage };
}

/** X3 over what the logs have of a workflow once nothing is under way. */
export async function trailOf({ desk }: Pick<Awaited<ReturnType<typeof besideOthers>>, "desk">, wid: string) {
  const open = await desk();
  await open.settled();
  return open.trails.trail(wid);
}
