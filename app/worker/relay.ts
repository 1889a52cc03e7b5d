import { assert } from "../base/assert.ts";
import { openConnectionChannel } from "./profile-channel.ts";

/** One end of a connection between two tabs: a port here, a channel to the other end. */
export interface Relay {
  /** The leader's end: tells the follower's end to start sending. */
  open(): void;
  /** Ends this end; the other learns it from the profile's channel, or from the death of this worker. */
  close(): void;
}

/**
 * Bridges a port over the profile, both ways and in order. The follower's end begins to send when the leader's end says
 * that it listens; until then the port keeps what its page posted. `closed` is called once, whoever ended it.
 * MessagePorts cannot be sent along: no other tab could receive them.
 */
export function relayPort(port: MessagePort, name: string, connection: string, closed: () => void): Relay {
  let over = false;
  const channel = openConnectionChannel(name, connection, (frame) => {
    if (over) return;
    if (frame.kind === "open") port.start();
    else port.postMessage(frame.data);
  });
  const close = (): void => {
    if (over) return;
    over = true;
    channel.close();
    port.close();
    closed();
  };
  port.addEventListener("message", (event: MessageEvent<unknown>) => {
    assert(event.ports.length === 0, "no port is sent over a port of the profile");
    if (!over) channel.post({ kind: "data", data: event.data });
  });
  // Chromium 156 does not fire it; where it is fired, a page need not say that it has closed its port.
  port.addEventListener("close", close);
  return {
    open: () => {
      channel.post({ kind: "open" });
      port.start();
    },
    close,
  };
}

/**
 * Closes a port that is being served, and says so on the port itself: no `close` event reaches a port from the browser
 * when the other side goes away, and whoever serves it would keep its subscriptions.
 */
export function endServedPort(port: MessagePort): void {
  port.close();
  port.dispatchEvent(new Event("close"));
}
