import { assert } from "../base/assert.ts";
import { type Followers, memberLock, type Serve, serveFollowers } from "./followers.ts";
import { holdLock, type LockFailure, type LockHold, type Locks } from "./hold-lock.ts";
import { openProfileChannel, type ProfileMessage } from "./profile-channel.ts";
import { endServedPort, relayPort } from "./relay.ts";

/*
 * One writer per browser profile. Every tab has a worker, every worker joins here; one of them leads and has the storage,
 * the engine and the agents, the others pass their pages' ports on to it.
 *
 *     page A -port- worker A (leader) -serve-> host
 *     page B -port- worker B (follower) ~channel~ worker A -serve-> host
 *
 * - The leader is whoever holds the exclusive Web Lock `<name>/leader`; the others queue for it. Nothing is elected, no
 *   time-out decides: the browser releases the lock when the leader's tab or worker is dead, and not before.
 * - Every worker also holds `<name>/member/<id>`. Followers wait for the leader's, the leader waits for those of its
 *   followers: being granted it is the news of a death.
 * - The lock keeps two leaders apart, not two writes: what a dead leader had asked of the database may still become
 *   durable. The log's `expectedSize` guards that, and the next leader reads the log before it writes.
 * - A worker that spins keeps its lock for up to 2 s after its tab was closed (Chromium): whoever leads yields often.
 */

/** The worker that leads. `epoch` counts hand-overs, the first leader has 1; it only grows for whoever watches it. */
export interface Leader {
  readonly id: string;
  readonly epoch: number;
  readonly contractVersion: string;
}

/** `waiting`: no leader is known, or none this worker can work with (see `onReloadNeeded`). */
export type Role = "waiting" | "leader" | "follower" | "closed";

/** `locks_unavailable`: without Web Locks (insecure context, denied) nothing keeps two tabs apart. `lock_broken`: it was stolen. */
export type ProfileFailure = { readonly code: "locks_unavailable" | "lock_broken"; readonly detail: string };

export interface ProfileOptions {
  readonly contractVersion: string;
  /** Names the profile's locks and channels. */
  readonly name?: string;
  readonly locks?: Locks;
  /** This worker leads, until it ends: open the storage, then call `serveWith`. At most once. */
  onLeader(epoch: number): void;
  onFollower(leader: Leader): void;
  /**
   * The leader that was followed is gone, and with it every connection and what was not answered. Tell the page: it
   * closes its port, connects a new one and resends. The browser tells it nothing: no `close` event is fired on a port.
   */
  onLost(): void;
  /** The leader speaks another version of the contract. Ports wait until one leads that speaks this one. */
  onReloadNeeded(versions: { readonly own: string; readonly leader: string }): void;
  /** This worker has left the profile and cannot work; its ports are closed. */
  onFailed(failure: ProfileFailure): void;
}

/** This worker's place in the profile. */
export interface Profile {
  readonly id: string;
  role(): Role;
  /** The current leader, which may be this worker. */
  leader(): Leader | null;
  /** Attaches a page's port to whoever leads; until someone does, it waits. The returned function ends the connection. */
  connect(port: MessagePort): () => void;
  /** Says how ports are served while this worker leads; connections wait until it is called. Once. */
  serveWith(serve: Serve): void;
  /** Leaves. A leader first ends its own writing: the next one may begin at once. */
  close(): void;
}

export function joinProfile(options: ProfileOptions): Profile {
  const { name = "signalbox", contractVersion } = options;
  const locks = options.locks ?? (navigator.locks as LockManager | undefined) ?? NO_LOCKS;
  const id = crypto.randomUUID();
  let role: Role = "waiting";
  let leader: Leader | null = null;
  /** The highest epoch heard of. */
  let seenEpoch = 0;
  let serve: Serve | null = null;
  let followers: Followers | null = null;
  const holds = new Map<"life" | "leadership" | "leader's life", LockHold>();
  /** Pages' ports: without a place yet, and with how each is ended. */
  const waiting = new Set<MessagePort>();
  const attached = new Map<MessagePort, () => void>();
  const channel = openProfileChannel(name, (message) => hear(message));

  const announce = (own: Leader): void => channel.post({ kind: "leader", ...own });
  const lookForLeader = (): void => channel.post({ kind: "hello", from: id, epoch: seenEpoch });

  const bridge = (port: MessagePort, to: string): (() => void) => {
    const connection = crypto.randomUUID();
    const relay = relayPort(port, name, connection, () => {
      attached.delete(port);
      channel.post({ kind: "disconnect", from: id, to, connection });
    });
    channel.post({ kind: "connect", from: id, to, connection });
    return relay.close;
  };
  const place = (): void => {
    for (const port of waiting) {
      if (role === "leader" && serve !== null) {
        waiting.delete(port);
        attached.set(port, () => endServedPort(port));
        serve(port);
      } else if (role === "follower" && leader !== null) {
        waiting.delete(port);
        attached.set(port, bridge(port, leader.id));
      }
    }
  };
  const detach = (port: MessagePort): void => {
    if (waiting.delete(port)) port.close();
    const end = attached.get(port);
    attached.delete(port);
    end?.();
  };
  const detachAll = (): void => {
    for (const port of [...attached.keys()]) detach(port);
  };

  const lose = (): void => {
    if (leader === null) return;
    const wasFollower = role === "follower";
    leader = null;
    role = "waiting";
    holds.get("leader's life")?.release();
    detachAll();
    if (wasFollower) options.onLost();
    lookForLeader();
  };
  const follow = (next: Leader): void => {
    leader = next;
    seenEpoch = next.epoch;
    void watchLeader(next.id);
    if (next.contractVersion !== contractVersion) {
      options.onReloadNeeded({ own: contractVersion, leader: next.contractVersion });
      return;
    }
    role = "follower";
    options.onFollower(next);
    place();
  };
  const watchLeader = async (leaderId: string): Promise<void> => {
    const life = holdLock(locks, memberLock(name, leaderId), "shared");
    holds.set("leader's life", life);
    const dead = await life.held;
    life.release();
    if (!dead.ok) leave(dead.error);
    else if (leader?.id === leaderId) lose();
  };

  const hearLeader = (heard: Leader): void => {
    if (role === "leader" || role === "closed") return;
    if (leader?.id === heard.id) {
      leader = heard;
      seenEpoch = Math.max(seenEpoch, heard.epoch);
    } else if (heard.epoch > seenEpoch) {
      lose();
      follow(heard);
    }
    // Otherwise it is late news of a leader before the one we know of, or from one that has yet to hear of that one: our
    // hello, sent when we lost it, makes a living one count on from there and announce itself again.
  };
  const hearHello = (epoch: number): void => {
    if (role === "leader" && leader !== null) {
      if (epoch >= leader.epoch) leader = { ...leader, epoch: epoch + 1 };
      seenEpoch = leader.epoch;
      announce(leader);
    } else {
      seenEpoch = Math.max(seenEpoch, epoch);
    }
  };
  const hear = (message: ProfileMessage): void => {
    if (message.kind === "leader") {
      hearLeader({ id: message.id, epoch: message.epoch, contractVersion: message.contractVersion });
    } else if (message.kind === "hello") hearHello(message.epoch);
    else if (message.to !== id) return;
    else if (message.kind === "connect") followers?.connect(message);
    else followers?.disconnect(message);
  };

  const lead = (): void => {
    lose();
    role = "leader";
    seenEpoch += 1;
    leader = { id, epoch: seenEpoch, contractVersion };
    followers = serveFollowers(locks, name);
    if (serve !== null) followers.serveWith(serve);
    announce(leader);
    options.onLeader(leader.epoch);
    place();
  };
  const close = (): void => {
    if (role === "closed") return;
    role = "closed";
    leader = null;
    followers?.close();
    detachAll();
    for (const port of waiting) detach(port);
    for (const hold of holds.values()) hold.release();
    channel.close();
  };
  const fail = (failure: ProfileFailure): void => {
    if (role === "closed") return;
    const wasFollower = role === "follower";
    close();
    if (wasFollower) options.onLost();
    options.onFailed(failure);
  };
  const leave = (failure: LockFailure): void => {
    if (failure.code === "denied") fail({ code: "locks_unavailable", detail: failure.detail });
  };

  /** Holds one of this worker's own locks; true once it is held. */
  const acquire = async (what: "life" | "leadership", lock: string): Promise<boolean> => {
    const hold = holdLock(locks, lock);
    holds.set(what, hold);
    void hold.ended.then((how) => {
      if (how === "broken") fail({ code: "lock_broken", detail: `the lock ${lock} was stolen` });
    });
    const held = await hold.held;
    if (!held.ok) leave(held.error);
    return held.ok && role !== "closed";
  };
  const join = async (): Promise<void> => {
    if (!(await acquire("life", memberLock(name, id)))) return;
    lookForLeader();
    if (await acquire("leadership", `${name}/leader`)) lead();
  };
  void join();

  return {
    id,
    role: () => role,
    leader: () => leader,
    connect: (port) => {
      if (role === "closed") port.close();
      else waiting.add(port);
      place();
      return () => detach(port);
    },
    serveWith: (how) => {
      assert(serve === null, "the way of serving is given once");
      serve = how;
      followers?.serveWith(how);
      place();
    },
    close,
  };
}

/** What an insecure context has: every request is refused. */
const NO_LOCKS: Locks = {
  request: () =>
    Promise.reject(new Error("this browser offers no Web Locks here; open the console over https or localhost")),
};
