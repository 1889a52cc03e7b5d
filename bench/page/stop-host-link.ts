import { createORPCClient } from "@orpc/client";
import type { SignalboxClient } from "../../app/api/client/client.ts";
import { createRenewableLink, stopFirst } from "../../app/api/embedded/renewable-link.ts";
import { must } from "../../app/base/assert.ts";
import { createStopLine, LINE_BYTES, type StopLine } from "../../app/protocol/override/stop-line.ts";
import type { StopMessage, StopReply, StopRequest } from "../workers/stop-messages.ts";

/** The page's end of the stop row's host worker. */
export interface StopHostLink {
  readonly client: SignalboxClient;
  /** A port of its own for stops, as the console has it. */
  readonly control: SignalboxClient;
  readonly stopLine: StopLine | null;
  ask(request: StopRequest): Promise<unknown>;
  /** Ms of an empty round trip to the host's worker. */
  echo(): Promise<number>;
  /** Ms of an empty round trip through the host's worker to the agents' workers. */
  relay(): Promise<number>;
  close(): void;
}

/** Starts a host of its own profile. */
export async function openStopHost(profile: string, runaway: boolean): Promise<StopHostLink> {
  const worker = new Worker(new URL("../workers/stop-host.ts", import.meta.url), { type: "module" });
  const post = (message: StopMessage, ports: MessagePort[] = []): void => worker.postMessage(message, ports);
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let asked = 0;
  worker.onmessage = ({ data }: MessageEvent<StopReply>) => {
    const { resolve, reject } = must(waiting.get(data.id), "only what was asked is answered");
    waiting.delete(data.id);
    if (data.ok) resolve(data.value);
    else reject(new Error(data.detail));
  };
  worker.onerror = (event) => {
    for (const { reject } of waiting.values()) reject(new Error(`the bench's host failed: ${event.message}`));
  };
  const ask = (request: StopRequest): Promise<unknown> =>
    new Promise((resolve, reject) => {
      asked += 1;
      waiting.set(asked, { resolve, reject });
      post({ t: "request", id: asked, request });
    });
  const openPort = (kind: "contract" | "echo" | "relay"): MessagePort => {
    const { port1, port2 } = new MessageChannel();
    post({ t: "port", kind }, [port2]);
    port1.start();
    return port1;
  };
  const line = crossOriginIsolated ? new SharedArrayBuffer(LINE_BYTES) : null;
  await ask({ t: "open", profile, runaway, line });
  const echoPort = openPort("echo");
  const relayPort = openPort("relay");
  const link = createRenewableLink(() => openPort("contract"));
  return {
    client: createORPCClient(link),
    control: createORPCClient(createRenewableLink(() => openPort("contract"))),
    stopLine:
      line === null
        ? null
        : stopFirst(
            createStopLine(line, () => void ask({ t: "lowered" })),
            link,
          ),
    ask,
    echo: () => roundTripMs(echoPort),
    relay: () => roundTripMs(relayPort),
    close: () => worker.terminate(),
  };
}

function roundTripMs(port: MessagePort): Promise<number> {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    port.onmessage = () => resolve(performance.now() - startedMs);
    port.postMessage(null);
  });
}
