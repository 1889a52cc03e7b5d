import * as z from "zod";

/**
 * What the workers of one browser profile tell each other. Tabs may run different versions of the console, so members
 * are only ever added to these messages: what is not understood is ignored.
 */
const idSchema = z.string().min(1).max(64);
const epochSchema = z.int().nonnegative();

const leaderSchema = z.object({
  kind: z.literal("leader"),
  id: idSchema,
  epoch: epochSchema,
  contractVersion: z.string().max(64),
});
/** Someone is looking for the leader; `epoch` is the highest it knows of, 0 for none. */
const helloSchema = z.object({ kind: z.literal("hello"), from: idSchema, epoch: epochSchema });
/**
 * Follower `from` wants a connection of leader `to`, or ends one; the traffic is on the connection's own channel. The end
 * is told here, behind the beginning: on its own channel it could come before the leader listens there.
 */
const connection = { from: idSchema, to: idSchema, connection: idSchema };
const connectSchema = z.object({ kind: z.literal("connect"), ...connection });
const disconnectSchema = z.object({ kind: z.literal("disconnect"), ...connection });

const messageSchema = z.discriminatedUnion("kind", [leaderSchema, helloSchema, connectSchema, disconnectSchema]);
export type ProfileMessage = z.infer<typeof messageSchema>;
export type ConnectRequest = z.infer<typeof connectSchema>;
export type DisconnectNote = z.infer<typeof disconnectSchema>;

/**
 * One connection's traffic. `open`: the leader listens and serves, what is sent from now on arrives. `data`: one message
 * of the port, both ways, in order.
 */
export type ConnectionFrame = { readonly kind: "open" } | { readonly kind: "data"; readonly data: unknown };

export interface Channel<Message> {
  post(message: Message): void;
  close(): void;
}

/** The channel all workers of the profile share. */
export function openProfileChannel(name: string, hear: (message: ProfileMessage) => void): Channel<ProfileMessage> {
  return openChannel<ProfileMessage>(`${name}/profile`, (data) => {
    const message = messageSchema.safeParse(data);
    if (message.success) hear(message.data);
  });
}

/**
 * The channel of one connection. A channel of its own, because a broadcast is copied to every listener: on a shared one
 * each tab would receive the traffic of all.
 */
export function openConnectionChannel(
  name: string,
  connection: string,
  hear: (frame: ConnectionFrame) => void,
): Channel<ConnectionFrame> {
  return openChannel<ConnectionFrame>(`${name}/connection/${connection}`, (data) => {
    if (isFrame(data)) hear(data);
  });
}

function openChannel<Message>(name: string, hear: (data: unknown) => void): Channel<Message> {
  const channel = new BroadcastChannel(name);
  channel.addEventListener("message", (event: MessageEvent<unknown>) => hear(event.data));
  channel.addEventListener("messageerror", () => {
    // Shared memory for instance. Passing over it would lose a message of an ordered connection without a word.
    throw new Error("Bug: a message that cannot leave its tab was relayed");
  });
  return { post: (message) => channel.postMessage(message), close: () => channel.close() };
}

function isFrame(data: unknown): data is ConnectionFrame {
  if (typeof data !== "object" || data === null || !("kind" in data)) return false;
  return data.kind === "open" || (data.kind === "data" && "data" in data);
}
