import { createORPCClient } from "@orpc/client";
import { createStopLine, LINE_BYTES, type StopLine } from "../../protocol/override/stop-line.ts";
import type { FromWorker, ToWorker } from "../../worker/messages.ts";
import type { SignalboxClient } from "../client/client.ts";
import { type Connection, type ConnectionStore, createConnectionStore } from "../client/connection.ts";
import { createRenewableLink, stopFirst } from "./renewable-link.ts";

export interface EmbeddedConnection {
  readonly client: SignalboxClient;
  /** A port of its own, for stops alone: nothing of the ordinary traffic is before it. */
  readonly control: SignalboxClient;
  readonly connection: ConnectionStore;
  /** Where memory can be shared (cross-origin isolation): bars effects in this tab's engine before a stop is signed. */
  readonly stopLine: StopLine | null;
  close(): void;
}

/** Starts the embedded host's worker of this tab and connects to whoever leads the profile. */
export function connectEmbedded(profile?: string): EmbeddedConnection {
  const connection = createConnectionStore(Date.now());
  const set = (state: Connection["state"], detail: string): void =>
    connection.setState({ state, detail, sinceMs: Date.now() });
  // In one expression: only so the build sees that this is a worker and bundles it.
  const worker = new Worker(new URL("../../worker/main.ts", import.meta.url), {
    type: "module",
    name: profile ?? "signalbox",
  });
  const post = (message: ToWorker, transfer: Transferable[] = []): void => worker.postMessage(message, transfer);
  const line = crossOriginIsolated ? new SharedArrayBuffer(LINE_BYTES) : null;
  post({ t: "open", profile: profile ?? "signalbox", line });
  const openPort = (): MessagePort => {
    const { port1, port2 } = new MessageChannel();
    post({ t: "port", port: port2 }, [port2]);
    return port1;
  };
  const link = createRenewableLink(openPort);
  const controlLink = createRenewableLink(openPort);
  const client: SignalboxClient = createORPCClient(link);
  const control: SignalboxClient = createORPCClient(controlLink);

  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    switch (data.t) {
      case "leader":
        return set("leader", "This tab runs the engine and the agents.");
      case "follower":
        return set("follower", "Another tab of this browser runs the engine; this one works through it.");
      case "lost":
        set("lost", "The tab that ran the engine is gone; another one takes over.");
        link.renew();
        controlLink.renew();
        return;
      case "reload_needed":
        return set("failed", `Another tab runs version ${data.leader}, this one is ${data.own}: reload both.`);
      case "failed":
        return set("failed", data.retry ? `${data.detail}; it is tried again every second` : data.detail);
    }
  };
  worker.onerror = (event) => set("failed", `The engine's worker did not start: ${event.message || "unknown cause"}`);
  return {
    client,
    control,
    connection,
    stopLine:
      line === null
        ? null
        : stopFirst(
            createStopLine(line, () => post({ t: "lowered" })),
            link,
          ),
    close: () => {
      post({ t: "close" });
      link.close();
      controlLink.close();
      worker.terminate();
    },
  };
}
