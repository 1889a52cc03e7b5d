import type { ClientContext, ClientLink, ClientOptions } from "@orpc/client";
import { ORPCError } from "@orpc/client";
import { RPCLink } from "@orpc/client/message-port";
import pLimit from "p-limit";
import type { StopLine } from "../../protocol/override/stop-line.ts";

/** A link over a port that can be replaced when the leader behind it is gone. */
export interface RenewableLink extends ClientLink<ClientContext> {
  /** Gives up the port and opens a new one; what was unanswered is asked again where that is harmless. */
  renew(): void;
  /** Sends nothing more of what waits, until what this gives is called or `MOST_ASIDE_MS` are over (OVR-44). */
  standAside(): () => void;
  close(): void;
}

/** Code of a request whose connection ended before its answer came. */
export const CONNECTION_LOST = "CONNECTION_LOST";

/** Why an attempt ended, inside this file: whether it is made again is decided by `call`. */
const LOST = Symbol("lost");

/**
 * Operations that are not asked twice. The others are reads, and writes that carry a signed token, which the host takes
 * only once: the second answer to one that had been taken before the loss is `token_replayed`, nothing was done twice.
 */
const ONCE_ONLY: ReadonlySet<string> = new Set(["workflow.playback", "audit.watch", "audit.verify", "audit.export"]);

/**
 * So many requests are before the engine's worker at once; the others wait on the page. A stop comes by another port, but to
 * the same worker, which takes messages in the order they were sent: it has at most these before it (S5).
 */
const MOST_AT_ONCE = 8;

/** A page whose stop is not answered is not held up for longer: it is then sent again and again beside the rest. */
const MOST_ASIDE_MS = 1000;

export function createRenewableLink(openPort: () => MessagePort): RenewableLink {
  let port: MessagePort;
  let link: RPCLink<ClientContext>;
  let closed = false;
  const inTurn = pLimit(MOST_AT_ONCE);
  /** What the requests that wait stand aside for. */
  const aside = new Set<Promise<void>>();
  /** Rejects what waits on the port that is given up: browsers fire no `close` event for a dead peer. */
  let giveUp: (() => void)[] = [];

  const open = (): void => {
    port = openPort();
    link = new RPCLink<ClientContext>({ port });
    port.start();
  };
  open();

  const attempt = (path: readonly string[], input: unknown, options: ClientOptions<ClientContext>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const fail = (): void => reject(LOST);
      giveUp.push(fail);
      const done = (): void => {
        giveUp = giveUp.filter((other) => other !== fail);
      };
      link.call(path, input, options).then(
        (value) => {
          done();
          resolve(value);
        },
        (error: unknown) => {
          done();
          reject(error);
        },
      );
    });

  return {
    call: async (path, input, options) => {
      // Again and again: the next leader can die before its answer too.
      while (!closed) {
        try {
          return await inTurn(async () => {
            while (aside.size > 0) await Promise.all(aside);
            options.signal?.throwIfAborted();
            return closed ? Promise.reject(LOST) : attempt(path, input, options);
          });
        } catch (error) {
          if (error !== LOST) throw error;
          if (ONCE_ONLY.has(path.join("."))) break;
        }
      }
      throw new ORPCError(CONNECTION_LOST, { message: "the tab that ran the engine was closed before it answered" });
    },
    renew: () => {
      const waiting = giveUp;
      giveUp = [];
      const old = port;
      open();
      old.close();
      // Ends the event streams of the old port, which the page opens again.
      old.dispatchEvent(new Event("close"));
      for (const fail of waiting) fail();
    },
    standAside: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const end = (): void => {
        aside.delete(promise);
        resolve();
      };
      aside.add(promise);
      setTimeout(end, MOST_ASIDE_MS);
      return end;
    },
    close: () => {
      closed = true;
      port.close();
      port.dispatchEvent(new Event("close"));
      for (const fail of giveUp.splice(0)) fail();
    },
  };
}

/**
 * What this page asks stands aside for a stop from its press until it is answered: what the engine had taken before is done
 * while the stop is signed, and nothing comes between (OVR-44).
 */
export const stopFirst = (line: StopLine, link: Pick<RenewableLink, "standAside">): StopLine => ({
  raise: (press) => {
    const lower = line.raise(press);
    const goOn = link.standAside();
    return () => {
      lower();
      goOn();
    };
  },
});
