import type { SignalboxClient } from "../../api/client/client.ts";

/** One entry opened, as `audit.entry` answers it. */
export type EntryDetail = Awaited<ReturnType<SignalboxClient["audit"]["entry"]>>;
