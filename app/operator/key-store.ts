import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import type { PublicJwk } from "../protocol/identity/claims.ts";
import type { Signer } from "../protocol/jose/keys.ts";
import { OPERATOR_AMR } from "./claims.ts";
import type { Passkey } from "./passkey.ts";
import type { WrappedKey } from "./wrapped-key.ts";

/**
 * What stands before an operator's private key. `none`: it was made by an earlier version of the console and lies open.
 * `passkey`: wrapped with what the passkey's PRF gives. `passkey_asked`: the passkey has no PRF; it is asked for before every
 * opening, but the key itself lies open in the browser and only this console's code keeps to that.
 */
export type Protection =
  | { readonly kind: "none"; readonly signer: Signer }
  | {
      readonly kind: "passphrase";
      readonly salt: Uint8Array<ArrayBuffer>;
      readonly iterations: number;
      readonly wrapped: WrappedKey;
    }
  | { readonly kind: "passkey"; readonly passkey: Passkey; readonly wrapped: WrappedKey }
  | { readonly kind: "passkey_asked"; readonly passkey: Passkey; readonly signer: Signer };

/** A key pair whose private half is a handle that cannot be exported. */
export interface HeldKey {
  readonly signer: Signer;
  readonly jwk: PublicJwk;
}

interface Described {
  readonly subject: string;
  readonly name: string;
  readonly jwk: PublicJwk;
  /** The trust domain, log and enforcement point the key was enrolled at: a stop needs them without asking first. */
  readonly domain: string;
  readonly logId: string;
  readonly pepId: string;
  /** Epoch seconds of the last authentication. */
  readonly authTime: number;
}

/** One operator of this browser profile, as kept. */
export interface KeptOperator extends Described {
  readonly kid: string;
  readonly protection: Protection;
  /** Signs stops while the own key is locked; the log takes nothing else from it (COM-19). Never leaves the browser. */
  readonly stop: HeldKey;
  readonly amr: readonly string[];
  /** Signed in and not signed out since. */
  readonly active: boolean;
}

/** The one operator that an earlier version of the console kept: an open key, a handle that cannot be exported (COM-12). */
export interface StoredOperator extends Described {
  readonly signer: Signer;
}

export interface KeyStore {
  /** Everybody kept here; what an earlier version kept is read as it is. */
  load(): Promise<readonly KeptOperator[] | StoredOperator | null>;
  /** Durable when it resolves. `replaced` is the kid of a record that goes away in the same transaction. */
  save(operator: KeptOperator, replaced?: string): Promise<void>;
  close(): void;
}

interface Schema extends DBSchema {
  operator: { key: "current"; value: StoredOperator };
  operators: { key: string; value: KeptOperator };
}

export const OPERATOR_DATABASE = "signalbox-operator";

/** The operator of an earlier version as one of this one: their key opens without a secret until it is protected. */
export function keptOf({ signer, ...described }: StoredOperator): KeptOperator {
  return {
    ...described,
    kid: signer.kid,
    protection: { kind: "none", signer },
    stop: { signer, jwk: described.jwk },
    amr: OPERATOR_AMR,
    active: true,
  };
}

/** Opens the key store; rejects where the browser keeps no data (some private windows). */
export async function openKeyStore(name = OPERATOR_DATABASE): Promise<KeyStore> {
  const database = await openDB<Schema>(name, 2, {
    upgrade: (created, from, _to, transaction) => {
      if (from < 1) created.createObjectStore("operator");
      created.createObjectStore("operators", { keyPath: "kid" });
      // Nothing of it is kept where it cannot be done whole; opening then fails and says so.
      moveEarlier(transaction).catch(() => transaction.abort());
    },
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
  return {
    load: () => database.getAll("operators"),
    save: (operator, replaced) => put(database, operator, replaced),
    close: () => database.close(),
  };
}

/** The one operator of before moves within the upgrade: their key is in exactly one place at every moment. */
async function moveEarlier(
  transaction: IDBPTransaction<Schema, ArrayLike<"operator" | "operators">, "versionchange">,
): Promise<void> {
  const earlier = await transaction.objectStore("operator").get("current");
  if (earlier === undefined) return;
  await transaction.objectStore("operators").put(keptOf(earlier));
  await transaction.objectStore("operator").delete("current");
}

async function put(database: IDBPDatabase<Schema>, operator: KeptOperator, replaced?: string): Promise<void> {
  const transaction = database.transaction("operators", "readwrite", { durability: "strict" });
  await Promise.all([
    transaction.store.put(operator),
    ...(replaced === undefined ? [] : [transaction.store.delete(replaced)]),
    transaction.done,
  ]);
}
