import { RPCHandler } from "@orpc/server/message-port";
import { CONTRACT_VERSION } from "../api/contract/contract.ts";
import { router } from "../api/dispatch/router.ts";
import { must } from "../base/assert.ts";
import { systemClock } from "../base/system.ts";
import type { Host } from "../host/open-host.ts";
import { readStopLine } from "../protocol/override/stop-line-reader.ts";
import { openEmbeddedHost } from "./embedded-host.ts";
import { joinProfile, type Profile } from "./leadership.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

/** The embedded host: one worker a tab; the one that leads has the engine, the others pass their page's ports on to it. */

declare const self: DedicatedWorkerGlobalScope;

/** Storage that another tab holds in an older version is asked for again after this long, ms. */
const RETRY_MS = 1000;

const tell = (message: FromWorker): void => self.postMessage(message);
let host: Host | null = null;
let membership: Profile | null = null;
let line: ReturnType<typeof readStopLine> | null = null;

function join(profile: string): Profile {
  const lead = async (epoch: number): Promise<void> => {
    const opened = await openEmbeddedHost(epoch, profile, line, () => joinAgain(profile));
    if (!opened.ok) {
      tell({ t: "failed", code: opened.error.code, detail: opened.error.detail, retry: opened.error.retry });
      if (opened.error.retry) systemClock.after(RETRY_MS, () => void lead(epoch));
      // Whoever waits would wait for ever; another tab may be able to, as one of the version that wrote the storage.
      else joined.close();
      return;
    }
    host = opened.value;
    const handler = new RPCHandler(router);
    const context = { host: opened.value };
    joined.serveWith((port) => {
      handler.upgrade(port, { context });
      port.start();
    });
    tell({ t: "leader", epoch });
    // The log is checked in the background: loading trusted the head it had signed.
    await opened.value.integrity.verify();
  };

  const joined = joinProfile({
    contractVersion: CONTRACT_VERSION,
    name: profile,
    onLeader: (epoch) => void lead(epoch),
    onFollower: (leader) => tell({ t: "follower", epoch: leader.epoch }),
    onLost: () => tell({ t: "lost" }),
    onReloadNeeded: (versions) => tell({ t: "reload_needed", ...versions }),
    onFailed: (failure) => tell({ t: "failed", ...failure, retry: false }),
  });
  return joined;
}

/**
 * The log goes on under another name: this worker leaves, and whoever leads next opens that one. Nothing is answered from
 * here any more: every page is told that its host is gone, and asks again.
 */
function joinAgain(profile: string): Promise<never> {
  host?.close();
  host = null;
  membership?.close();
  tell({ t: "lost" });
  membership = join(profile);
  return new Promise(() => undefined);
}

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  switch (data.t) {
    case "open":
      if (data.line !== null) line ??= readStopLine(data.line);
      membership ??= join(data.profile);
      return;
    case "port":
      must(membership, "a profile is opened before ports are connected").connect(data.port);
      return;
    case "lowered":
      line?.lowered();
      return;
    case "close":
      host?.close();
      membership?.close();
  }
};
