import type { Clock, Ids, Sha256 } from "../base/ports.ts";
import type { Signer } from "../protocol/jose/keys.ts";
import type { EventLog } from "./ports.ts";
import type { HostIds } from "./records.ts";

/** What one domain's engine is given: its log, its names, time, ids, hashing and the host's own keys. */
export interface EnginePorts {
  readonly log: EventLog;
  readonly ids: HostIds;
  readonly clock: Clock;
  readonly uuid: Ids;
  readonly sha256: Sha256;
  readonly logSigner: Signer;
  readonly pepSigner: Signer;
  /** Of the verifier of conduct, whose key is its own (BEH-S4); a host without appraises nothing. */
  readonly verifierSigner?: Signer;
  /** The public half of the log's key: whether a snapshot's head is its own. */
  readonly logPublicKey: CryptoKey;
}
