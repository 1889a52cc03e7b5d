import { type DBSchema, openDB } from "idb";
import type { PublicJwk } from "../protocol/identity/claims.ts";
import type { Signer } from "../protocol/jose/keys.ts";

/** The operator of this browser profile, as kept: the private key is a handle that cannot be exported (COM-12). */
export interface StoredOperator {
  readonly subject: string;
  readonly name: string;
  readonly jwk: PublicJwk;
  readonly signer: Signer;
  /** The trust domain, log and enforcement point the key was enrolled at: a stop needs them without asking first. */
  readonly domain: string;
  readonly logId: string;
  readonly pepId: string;
  /** Epoch seconds of the last confirmation that the person is here. */
  readonly authTime: number;
}

export interface KeyStore {
  load(): Promise<StoredOperator | null>;
  save(operator: StoredOperator): Promise<void>;
  close(): void;
}

interface Schema extends DBSchema {
  operator: { key: "current"; value: StoredOperator };
}

export const OPERATOR_DATABASE = "signalbox-operator";

/** Opens the key store; rejects where the browser keeps no data (some private windows). */
export async function openKeyStore(name = OPERATOR_DATABASE): Promise<KeyStore> {
  const database = await openDB<Schema>(name, 1, {
    upgrade: (created) => {
      created.createObjectStore("operator");
    },
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
  return {
    load: async () => (await database.get("operator", "current")) ?? null,
    save: async (operator) => {
      await database.put("operator", operator, "current");
    },
    close: () => database.close(),
  };
}
