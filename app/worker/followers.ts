import { holdLock, type LockHold, type Locks } from "./hold-lock.ts";
import type { ConnectRequest, DisconnectNote } from "./profile-channel.ts";
import { endServedPort, relayPort } from "./relay.ts";

/** Serves one port; it comes unstarted, and hears a `close` event when its page is gone. */
export type Serve = (port: MessagePort) => void;

/** The lock each worker of a profile holds for as long as it lives: waiting for it is how others learn of its death. */
export const memberLock = (name: string, id: string): string => `${name}/member/${id}`;

/** The leader's side of the connections of all followers. */
export interface Followers {
  connect(request: ConnectRequest): void;
  disconnect(note: DisconnectNote): void;
  /** From now on connections are served; those that came earlier have waited. */
  serveWith(serve: Serve): void;
  close(): void;
}

interface Connection {
  serveWith(serve: Serve): void;
  close(): void;
}
interface Member {
  readonly life: LockHold;
  readonly connections: Map<string, Connection>;
}

export function serveFollowers(locks: Locks, name: string): Followers {
  const members = new Map<string, Member>();
  let serving: Serve | null = null;

  const forget = (id: string): void => {
    const member = members.get(id);
    members.delete(id);
    member?.life.release();
    for (const connection of member?.connections.values() ?? []) connection.close();
  };
  const watch = (id: string): Member => {
    const life = holdLock(locks, memberLock(name, id), "shared");
    const member: Member = { life, connections: new Map() };
    members.set(id, member);
    void life.held.then(() => {
      if (members.get(id) === member) forget(id);
    });
    return member;
  };
  return {
    connect: ({ from, connection: id }) => {
      const { connections } = members.get(from) ?? watch(from);
      if (connections.has(id)) return;
      const connection = openConnection(name, id, () => connections.delete(id));
      connections.set(id, connection);
      if (serving !== null) connection.serveWith(serving);
    },
    disconnect: ({ from, connection }) => members.get(from)?.connections.get(connection)?.close(),
    serveWith: (serve) => {
      serving = serve;
      for (const member of members.values()) {
        for (const connection of member.connections.values()) connection.serveWith(serve);
      }
    },
    close: () => {
      for (const id of [...members.keys()]) forget(id);
    },
  };
}

function openConnection(name: string, id: string, closed: () => void): Connection {
  const { port1: served, port2: relayed } = new MessageChannel();
  const relay = relayPort(relayed, name, id, () => {
    endServedPort(served);
    closed();
  });
  return {
    serveWith: (serve) => {
      serve(served);
      relay.open();
    },
    close: relay.close,
  };
}
