/** What a test page and its worker (profile-test-worker.fixture.ts) tell each other. */
export type ToTestWorker =
  | { readonly kind: "join"; readonly profile: string; readonly database: string }
  /** The port comes with the message; requests go over it. */
  | { readonly kind: "connect" };

/** Points in a leader's work, in order; from `received` on for every batch of requests. */
export const STEPS = ["leads", "loaded", "received", "appending", "durable", "answered"] as const;
export type Step = (typeof STEPS)[number];

export type FromTestWorker =
  | { readonly kind: "step"; readonly step: Step }
  | { readonly kind: "follows" }
  | { readonly kind: "lost" }
  /** Something that must never happen did. */
  | { readonly kind: "wrong"; readonly detail: string };

/** Asks for one entry; asking again with the same id gives the same entry. */
export interface AppendRequest {
  readonly id: string;
}
export interface AppendAnswer {
  readonly id: string;
  readonly seq: number;
}

export const TEST_DOMAIN = "hand-over";
/** What an entry's token says, as JSON. */
export interface TestEntry {
  readonly id: string;
  readonly leader: string;
}
