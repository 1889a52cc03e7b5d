import type { SignalboxClient } from "../../api/client/client.ts";

/** One request with everything a decision rests on, as `gate.request` answers it. */
export type GateDetail = Awaited<ReturnType<SignalboxClient["gate"]["request"]>>;
