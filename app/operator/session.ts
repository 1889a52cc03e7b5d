import { createStore, type StoreApi } from "zustand/vanilla";
import type { SignalboxClient } from "../api/client/client.ts";
import { problemOf } from "../api/client/problem.ts";
import { assert } from "../base/assert.ts";
import { generateSigner } from "../protocol/jose/keys.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import { commonClaims, slugOf } from "./claims.ts";
import type { KeyStore, StoredOperator } from "./key-store.ts";

/** Who signs, without the key. */
export interface Operator {
  readonly subject: string;
  readonly name: string;
  readonly kid: string;
  readonly domain: string;
  readonly logId: string;
  readonly pepId: string;
}

/**
 * `none`: nobody signed in here yet, or this log does not know the key. `failed`: the browser keeps no data, so there can
 * be no key.
 */
export interface OperatorState {
  readonly status: "loading" | "none" | "ready" | "failed";
  readonly operator: Operator | null;
  /** Epoch seconds of the last confirmation of presence; 0 before the first. */
  readonly authTime: number;
  /** A name known from before, where the key has to be enrolled again. */
  readonly knownName: string | null;
  readonly detail: string;
}

export interface OperatorSession {
  readonly store: StoreApi<OperatorState>;
  /** Reads the key; call once, and again when another tab signed in. */
  load(): Promise<void>;
  /**
   * Makes a key if there is none once it is known whether there is one, and enrols it with a proof that we hold it. A key
   * that the log knows already stays as it is. Rejects with the client's error.
   */
  enrol(name: string): Promise<void>;
  /** Asks the host whether it knows the key; where it does not, the state goes back to `none`. */
  checkEnrolled(): Promise<void>;
  /** The person acted just now; returns the new authentication time (epoch s). */
  confirmPresence(): number;
  /** Signs with the key in memory; rejects when nobody is signed in. */
  sign(typ: string, claims: object): Promise<string>;
}

export interface SessionPorts {
  readonly client: SignalboxClient;
  openKeyStore(): Promise<KeyStore>;
  nowMs(): number;
  /** Tells other tabs that somebody signed in. */
  announce(): void;
}

const EMPTY: OperatorState = { status: "loading", operator: null, authTime: 0, knownName: null, detail: "" };

/** One operator of this profile. The key is in memory from loading on, so that a stop signs at once. */
export function createOperatorSession(ports: SessionPorts): OperatorSession {
  const store = createStore<OperatorState>(() => EMPTY);
  let stored: StoredOperator | null = null;
  let opened: Promise<KeyStore> | null = null;
  const keyStore = (): Promise<KeyStore> => (opened ??= ports.openKeyStore());

  const use = (operator: StoredOperator): void => {
    stored = operator;
    store.setState({ status: "ready", operator: publicPart(operator), authTime: operator.authTime, detail: "" });
  };

  const save = async (operator: StoredOperator): Promise<void> => (await keyStore()).save(operator);

  let loading: Promise<void> | null = null;
  const read = async (): Promise<void> => {
    try {
      const found = await (await keyStore()).load();
      if (found !== null) use(found);
      else if (stored === null) store.setState({ ...EMPTY, status: "none" });
    } catch (error) {
      opened = null;
      store.setState({ ...EMPTY, status: "failed", detail: problemOf(error).detail });
    }
  };
  const load = (): Promise<void> => {
    loading = read();
    return loading;
  };

  const checkEnrolled = async (): Promise<void> => {
    const checked = stored;
    if (checked === null) return;
    const identity = await ports.client.identity.describe();
    if (identity.operators.some((known) => known.kid === checked.signer.kid)) return;
    store.setState({
      status: "none",
      operator: null,
      knownName: checked.name,
      detail: "The log of this console does not know your key: it was started anew, or belongs to another profile.",
    });
  };

  return {
    store,
    load,
    enrol: async (name) => {
      // Whether there is a key must be known first: a second one would take the place of the first.
      await (loading ?? load());
      if (store.getState().status === "ready") await checkEnrolled();
      if (store.getState().status === "ready") return;
      const nowMs = ports.nowMs();
      const identity = await ports.client.identity.describe();
      const made = stored ?? (await generateSigner("EdDSA"));
      const subject = stored?.subject ?? `spiffe://${identity.trustDomain}/human/${slugOf(name)}`;
      const proof = await signToken(
        "operator-enrolment+jwt",
        { ...commonClaims({ iss: subject, aud: identity.logId, lifetimeS: 120, nowMs }), name },
        made.signer,
      );
      await enrolUnlessKnown(ports.client, made.jwk, proof);
      const { trustDomain: domain, logId, pepId } = identity;
      const authTime = Math.floor(nowMs / 1000);
      const operator = { subject, name, jwk: made.jwk, signer: made.signer, domain, logId, pepId, authTime };
      await save(operator);
      use(operator);
      ports.announce();
    },
    checkEnrolled,
    confirmPresence: () => {
      const authTime = Math.floor(ports.nowMs() / 1000);
      if (stored !== null) {
        stored = { ...stored, authTime };
        // Kept for the next visit only; what is signed now uses the value in memory.
        save(stored).catch(() => undefined);
      }
      store.setState({ authTime });
      return authTime;
    },
    sign: async (typ, claims) => {
      assert(stored !== null, "signing needs somebody signed in");
      return signToken(typ, claims, stored.signer);
    },
  };
}

/** Enrols; a key the log knows already is as good (another tab, or an answer that was lost). */
async function enrolUnlessKnown(client: SignalboxClient, jwk: StoredOperator["jwk"], proof: string): Promise<void> {
  try {
    await client.identity.enrolOperator({ jwk, proof });
  } catch (error) {
    if (problemOf(error).code !== "key_enrolled") throw error;
  }
}

function publicPart({ subject, name, signer, domain, logId, pepId }: StoredOperator): Operator {
  return { subject, name, kid: signer.kid, domain, logId, pepId };
}
