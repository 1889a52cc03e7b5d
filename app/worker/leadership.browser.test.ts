import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { must } from "../base/assert.ts";
import { memberLock } from "./followers.ts";
import { holdLock, type Locks } from "./hold-lock.ts";
import { joinProfile, type Leader, type Profile, type ProfileFailure } from "./leadership.ts";
import { type ConnectRequest, openProfileChannel, type ProfileMessage } from "./profile-channel.ts";

type Event =
  | { readonly kind: "leader"; readonly epoch: number }
  | { readonly kind: "follower"; readonly leader: Leader }
  | { readonly kind: "lost" }
  | { readonly kind: "reload"; readonly own: string; readonly leader: string }
  | { readonly kind: "failed"; readonly failure: ProfileFailure };

interface Member {
  readonly profile: Profile;
  /** What it was called back with and nobody has asked for yet, oldest first. */
  readonly events: Event[];
  /** The next call-back; waits for it. */
  next(): Promise<Event>;
}

let name: string;
let members: Member[];
beforeEach(() => {
  name = `profile-test-${crypto.randomUUID()}`;
  members = [];
});
afterEach(() => {
  for (const { profile } of members) profile.close();
});

function join(options: { contractVersion?: string; locks?: Locks } = {}): Member {
  const events: Event[] = [];
  const waiting: ((event: Event) => void)[] = [];
  const tell = (event: Event): void => {
    const first = waiting.shift();
    if (first) first(event);
    else events.push(event);
  };
  const profile = joinProfile({
    name,
    contractVersion: "1.0.0",
    ...options,
    onLeader: (epoch) => tell({ kind: "leader", epoch }),
    onFollower: (leader) => tell({ kind: "follower", leader }),
    onLost: () => tell({ kind: "lost" }),
    onReloadNeeded: (versions) => tell({ kind: "reload", ...versions }),
    onFailed: (failure) => tell({ kind: "failed", failure }),
  });
  const next = (): Promise<Event> => {
    const first = events.shift();
    return first ? Promise.resolve(first) : new Promise((resolve) => waiting.push(resolve));
  };
  const member = { profile, events, next };
  members.push(member);
  return member;
}

/** A leader and a follower of it. */
async function pair(): Promise<[Member, Member]> {
  const leader = join();
  await leader.next();
  const follower = join();
  await follower.next();
  return [leader, follower];
}

/** Serves every port by sending back what comes, and tells which ports were closed. */
function echo(profile: Profile): { readonly closed: () => Promise<void> } {
  const closed = Promise.withResolvers<void>();
  profile.serveWith((port) => {
    port.addEventListener("message", (event) => port.postMessage(event.data));
    port.addEventListener("close", () => closed.resolve());
    port.start();
  });
  return { closed: () => closed.promise };
}

interface Page {
  readonly port: MessagePort;
  readonly disconnect: () => void;
  next(): Promise<unknown>;
}

function page(profile: Profile): Page {
  const { port1, port2 } = new MessageChannel();
  const received: unknown[] = [];
  const waiting: ((data: unknown) => void)[] = [];
  port1.onmessage = (event) => {
    const first = waiting.shift();
    if (first) first(event.data);
    else received.push(event.data);
  };
  return {
    port: port1,
    disconnect: profile.connect(port2),
    next: () => (received.length > 0 ? Promise.resolve(received.shift()) : new Promise((r) => waiting.push(r))),
  };
}

async function ask(from: Page, question: unknown): Promise<unknown> {
  from.port.postMessage(question);
  return from.next();
}

describe("leadership of a browser profile", () => {
  test("goes to exactly one of many that join at once; the others follow it", async () => {
    const joined = Array.from({ length: 8 }, () => join());
    const first = await Promise.all(joined.map((member) => member.next()));
    expect(first.filter((event) => event.kind === "leader")).toEqual([{ kind: "leader", epoch: 1 }]);
    const leader = must(
      joined.find(({ profile }) => profile.role() === "leader"),
      "one leads",
    ).profile;
    expect(leader.leader()).toEqual({ id: leader.id, epoch: 1, contractVersion: "1.0.0" });
    for (const { profile } of joined) expect(profile.leader()).toEqual(leader.leader());
    expect(joined.map(({ profile }) => profile.role()).filter((role) => role === "follower")).toHaveLength(7);
    // Who leads can be heard of before the own turn for the lock was asked for: the queue is complete a little later.
    const queue = async (): Promise<readonly [number, number]> => {
      const { held = [], pending = [] } = await navigator.locks.query();
      const ofThis = (lock: LockInfo): boolean => lock.name === `${name}/leader`;
      return [held.filter(ofThis).length, pending.filter(ofThis).length];
    };
    await expect.poll(queue).toEqual([1, 7]);
  });

  test("is handed over when the leader leaves; the page's new port works through the next one", async () => {
    const [first, second] = await pair();
    const third = join();
    await third.next();
    echo(first.profile);
    const before = page(third.profile);
    expect(await ask(before, "a")).toBe("a");
    first.profile.close();
    expect(first.profile.role()).toBe("closed");
    expect(await third.next()).toEqual({ kind: "lost" });
    expect(await second.next()).toEqual({ kind: "lost" });
    expect(await second.next()).toEqual({ kind: "leader", epoch: 2 });
    echo(second.profile);
    const after = page(third.profile);
    expect(await ask(after, "b")).toBe("b");
    expect(third.profile.leader()).toEqual({ id: second.profile.id, epoch: 2, contractVersion: "1.0.0" });
    expect(await ask(page(second.profile), "c")).toBe("c");
  });

  test("keeps ports that come before anyone leads or serves, with what was posted into them", async () => {
    const leader = join();
    const own = page(leader.profile);
    own.port.postMessage("own, early");
    const follower = join();
    const remote = page(follower.profile);
    remote.port.postMessage("remote, early");
    await leader.next();
    await follower.next();
    remote.port.postMessage("remote, later");
    echo(leader.profile);
    expect(await own.next()).toBe("own, early");
    expect(await remote.next()).toBe("remote, early");
    expect(await remote.next()).toBe("remote, later");
  });

  test("relays what a port can carry, in order, on each of several connections", async () => {
    const [leader, follower] = await pair();
    echo(leader.profile);
    const pages = Array.from({ length: 3 }, () => page(follower.profile));
    const sent = Array.from({ length: 500 }, (_, index) => ({ index, bytes: new Uint8Array([index % 256, 7]) }));
    for (const item of sent) for (const { port } of pages) port.postMessage(item);
    for (const from of pages) {
      const got: unknown[] = [];
      for (let count = 0; count < sent.length; count += 1) got.push(await from.next());
      expect(got).toEqual(sent);
    }
  });

  test("lets a page end its connection: the serving side hears a close event", async () => {
    const [leader, follower] = await pair();
    const { closed } = echo(leader.profile);
    const remote = page(follower.profile);
    expect(await ask(remote, 1)).toBe(1);
    remote.disconnect();
    await closed();
  });

  test("ends the leader's own page's connection in the same way", async () => {
    const leader = join();
    await leader.next();
    const { closed } = echo(leader.profile);
    const own = page(leader.profile);
    expect(await ask(own, 1)).toBe(1);
    own.disconnect();
    await closed();
  });

  test("ends a connection whose page left before it was opened, and no other", async () => {
    const [leader, follower] = await pair();
    const left = page(follower.profile);
    left.disconnect();
    const kept = page(follower.profile);
    const { closed } = echo(leader.profile);
    expect(await ask(kept, "kept")).toBe("kept");
    await closed();
    expect(await ask(kept, "still")).toBe("still");
  });

  test("asks for a reload when the leader speaks another contract, and works on once it leads itself", async () => {
    const old = join();
    await old.next();
    const newer = join({ contractVersion: "2.0.0" });
    expect(await newer.next()).toEqual({ kind: "reload", own: "2.0.0", leader: "1.0.0" });
    expect(newer.profile.role()).toBe("waiting");
    expect(newer.profile.leader()?.contractVersion).toBe("1.0.0");
    const waiting = page(newer.profile);
    waiting.port.postMessage("kept");
    old.profile.close();
    expect(await newer.next()).toEqual({ kind: "leader", epoch: 2 });
    echo(newer.profile);
    expect(await waiting.next()).toBe("kept");
  });

  test("is given up when the lock is stolen", async () => {
    const [leader, follower] = await pair();
    const { closed } = echo(leader.profile);
    expect(await ask(page(follower.profile), 1)).toBe(1);
    await navigator.locks.request(`${name}/leader`, { steal: true }, () => undefined);
    expect(await leader.next()).toMatchObject({ kind: "failed", failure: { code: "lock_broken" } });
    expect(leader.profile.role()).toBe("closed");
    await closed();
    expect(await follower.next()).toEqual({ kind: "lost" });
    expect(await follower.next()).toEqual({ kind: "leader", epoch: 2 });
  });

  test("fails visibly where the browser refuses locks", async () => {
    const locks: Locks = { request: () => Promise.reject(new DOMException("no locks here", "SecurityError")) };
    const member = join({ locks });
    const waiting = page(member.profile);
    expect(await member.next()).toMatchObject({ kind: "failed", failure: { code: "locks_unavailable" } });
    expect(member.profile.role()).toBe("closed");
    waiting.disconnect();
    expect(member.events).toEqual([]);
  });

  test("leaves nothing behind when it is closed while it joins", async () => {
    const member = join();
    member.profile.close();
    const next = join();
    expect(await next.next()).toEqual({ kind: "leader", epoch: 1 });
    expect(member.events).toEqual([]);
    const { held, pending } = await navigator.locks.query();
    const locks = [...(held ?? []), ...(pending ?? [])].map((lock) => lock.name);
    expect(locks.filter((lock) => lock?.startsWith(name)).sort()).toEqual(
      [`${name}/leader`, memberLock(name, next.profile.id)].sort(),
    );
  });
});

/** Speaks on the profile's channel as a worker of another tab would, with a life of its own to end. */
async function stranger(
  onConnect: (request: ConnectRequest) => void = () => undefined,
): Promise<{ readonly id: string; post(message: ProfileMessage): void; die(): void }> {
  const id = crypto.randomUUID();
  const life = holdLock(navigator.locks, memberLock(name, id));
  await life.held;
  const channel = openProfileChannel(name, (message) => {
    if (message.kind === "connect") onConnect(message);
  });
  members.push({ profile: { close: channel.close } as Profile, events: [], next: () => Promise.reject() });
  return { id, post: channel.post, die: life.release };
}

describe("what is heard on the profile's channel", () => {
  test("a leader counts on from the highest epoch anyone has seen", async () => {
    const leader = join();
    expect(await leader.next()).toEqual({ kind: "leader", epoch: 1 });
    const other = await stranger();
    other.post({ kind: "hello", from: other.id, epoch: 7 });
    const follower = join();
    expect(await follower.next()).toMatchObject({ kind: "follower", leader: { id: leader.profile.id, epoch: 8 } });
    leader.profile.close();
    expect(await follower.next()).toEqual({ kind: "lost" });
    expect(await follower.next()).toEqual({ kind: "leader", epoch: 9 });
  });

  test("late news of a dead leader leads back to the living one", async () => {
    const [leader, follower] = await pair();
    echo(leader.profile);
    const dead = await stranger();
    dead.die();
    dead.post({ kind: "leader", id: dead.id, epoch: 5, contractVersion: "1.0.0" });
    expect(await follower.next()).toEqual({ kind: "lost" });
    expect(await follower.next()).toMatchObject({ kind: "follower", leader: { id: dead.id } });
    expect(await follower.next()).toEqual({ kind: "lost" });
    expect(await follower.next()).toMatchObject({ kind: "follower", leader: { id: leader.profile.id, epoch: 6 } });
    expect(await ask(page(follower.profile), "back")).toBe("back");
  });

  test("news older than the leader that is followed is passed over, and so is what is no message", async () => {
    const [leader, follower] = await pair();
    const other = await stranger();
    other.post({ kind: "leader", id: other.id, epoch: 1, contractVersion: "1.0.0" });
    for (const nonsense of [
      null,
      "x",
      { kind: "leader" },
      { kind: "hello", from: other.id, epoch: -1 },
      { kind: "?" },
    ]) {
      other.post(nonsense as ProfileMessage);
    }
    echo(leader.profile);
    expect(await ask(page(follower.profile), "same")).toBe("same");
    expect(follower.events).toEqual([]);
    expect(follower.profile.leader()?.id).toBe(leader.profile.id);
  });

  test("a follower that dies takes its connections at the leader with it", async () => {
    const leader = join();
    await leader.next();
    const { closed } = echo(leader.profile);
    const dying = await stranger();
    dying.post({ kind: "connect", from: dying.id, to: leader.profile.id, connection: "c1" });
    const asked = join();
    await asked.next();
    expect(await ask(page(asked.profile), "served")).toBe("served");
    dying.die();
    await closed();
  });

  test("only the leader that is addressed takes a connection, and takes it once", async () => {
    const leader = join();
    await leader.next();
    let served = 0;
    leader.profile.serveWith((port) => {
      served += 1;
      port.addEventListener("message", (event) => port.postMessage(event.data));
      port.start();
    });
    const other = await stranger();
    const request = { kind: "connect", from: other.id, to: leader.profile.id, connection: "c1" } as const;
    other.post(request);
    other.post(request);
    other.post({ ...request, to: "someone else", connection: "c2" });
    const follower = join();
    await follower.next();
    expect(await ask(page(follower.profile), "after them")).toBe("after them");
    expect(served).toBe(2);
  });
});
