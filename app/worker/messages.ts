/** What the page tells its worker. */
export type ToWorker =
  /** First: the profile's name; one profile, one log. */
  /** `line`: memory shared with the page, on which it raises stops (OVR-42); null where none can be shared. */
  | { readonly t: "open"; readonly profile: string; readonly line: SharedArrayBuffer | null }
  /** Something was taken back on the line. */
  | { readonly t: "lowered" }
  | { readonly t: "port"; readonly port: MessagePort }
  | { readonly t: "close" };

/** Where this tab stands in its profile, as the worker tells the page. */
export type FromWorker =
  | { readonly t: "leader"; readonly epoch: number }
  | { readonly t: "follower"; readonly epoch: number }
  /** The leader is gone and with it every unanswered request: close the ports, connect new ones, ask again. */
  | { readonly t: "lost" }
  | { readonly t: "reload_needed"; readonly own: string; readonly leader: string }
  | { readonly t: "failed"; readonly code: string; readonly detail: string; readonly retry: boolean };
