import { createStore, type StoreApi } from "zustand/vanilla";
import type { SignalboxClient } from "../api/client/client.ts";
import { problemOf } from "../api/client/problem.ts";
import { must } from "../base/assert.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { PasskeyTouch, Touch } from "../protocol/acp/touch.ts";
import type { Signer } from "../protocol/jose/keys.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import { isStop, longestAuthAgeS, STEP_UP_S, withEvidence } from "./authentication.ts";
import { OPERATOR_AMR, slugOf } from "./claims.ts";
import { enrolKeys } from "./enrolment.ts";
import { type KeptOperator, type KeyStore, keptOf, type Protection } from "./key-store.ts";
import type { Secret } from "./protection.ts";
import type { KeyProblem } from "./wrapped-key.ts";

/** Who signs, without the key. */
export interface Operator {
  readonly subject: string;
  readonly name: string;
  readonly kid: string;
  readonly domain: string;
  readonly logId: string;
  readonly pepId: string;
  /** As the log last said; empty while that is not known. */
  readonly roles: readonly string[];
}

export type ProtectionKind = Protection["kind"];

/** Somebody whose key is in this profile. */
export interface KnownOperator {
  readonly kid: string;
  readonly subject: string;
  readonly name: string;
  readonly protection: ProtectionKind;
}

/** What the person is asked for, and why: by a signature that needs it, or by a part of the page. */
export type Ask =
  | { readonly kind: "sign-in"; readonly name: string }
  | { readonly kind: "unlock"; readonly why: "locked" | "stale" }
  /** For exactly this decision, in its words. */
  | { readonly kind: "unlock"; readonly why: "decision"; readonly what: string }
  | { readonly kind: "protect" };

/**
 * `none`: nobody is signed in here, or this log does not know the key. `failed`: the browser keeps no data, so there can
 * be no key. `ready`: somebody is signed in; while `isLocked` only a stop is signed without asking them first.
 */
export interface OperatorState {
  readonly status: "loading" | "none" | "ready" | "failed";
  readonly operator: Operator | null;
  readonly isLocked: boolean;
  readonly protection: ProtectionKind | null;
  /** Epoch seconds, and how (RFC 8176), of the last authentication. */
  readonly authTime: number;
  readonly amr: readonly string[];
  /** Name to sign in with again, where the key is there and the log does not know it. */
  readonly knownName: string | null;
  readonly detail: string;
  /** Everybody whose key is in this profile, by name. */
  readonly known: readonly KnownOperator[];
  readonly ask: Ask | null;
}

/** The decision that a person is to be there for. */
export interface TouchAsked {
  /** base64url SHA-256 of what is decided (`challengeText`). */
  readonly challenge: string;
  /** It in words; they may hold text of an agent. */
  readonly what: string;
}

/** Why somebody is not signed in, unlocked or protected: of the key itself, or of the host. */
export type SessionProblem = KeyProblem | { readonly code: string; readonly detail: string };

export interface OperatorSession {
  readonly store: StoreApi<OperatorState>;
  /** Reads who is in this profile; call once, and again when another tab changed it. */
  load(): Promise<void>;
  /** Makes a key under this secret and enrols it with a proof that we hold it; whoever it is of is signed in then. */
  enrol(name: string, secret: Secret): Promise<Result<void, SessionProblem>>;
  /** Opens somebody's key: they are signed in, and whoever was before is not. Also how a person authenticates again. */
  unlock(kid: string, passphrase: string): Promise<Result<void, SessionProblem>>;
  /** Puts a protected key in the place of one that lies open since an earlier version of the console. */
  protect(secret: Secret): Promise<Result<void, SessionProblem>>;
  /** Closes the key. Stops are signed all the same, by the key for stops. An unprotected key has nothing to close it with. */
  lock(where: "here" | "everywhere"): void;
  /** Nobody is signed in afterwards, and nothing is signed, a stop neither. The keys stay in the profile. */
  signOut(): Promise<void>;
  /** Asks the host whether it knows the key, and which roles it has; where it does not, the state goes back to `none`. */
  checkEnrolled(): Promise<void>;
  /** The person acted: presence for an unprotected key, nothing for another. The authentication time as it is now. */
  touch(): number;
  /** As `touch`; where the authentication is too old for a decision the person is asked for it, and signing waits. */
  confirmPresence(): number;
  /** Asks on the screen; resolves when it was given, rejects when it was put away. */
  request(ask: Ask): Promise<void>;
  /** Puts a question away: the one given, where it is still the one asked, or whichever is. */
  dismiss(ask?: Ask | null): void;
  /**
   * Has the person authenticate now for exactly one decision, however short ago they did before (ACP-51): by their passkey,
   * whose challenge is the decision's, or by their passphrase. An unprotected key is put under a secret first. Rejects when
   * they do not.
   */
  confirm(asked: TouchAsked): Promise<Touch>;
  /**
   * Signs; asks for the person first where the key is locked or their authentication is too old for it. A stop is signed at
   * once, whatever is locked (OVR-11, S15). Rejects when nobody is signed in, or they did not authenticate.
   */
  sign(typ: string, claims: object): Promise<string>;
  /**
   * A second person of this profile signs one thing, authenticated for it now; whoever is signed in stays so (OVR-S4). What
   * they sign is made from who they are. A key that lies open is refused, `key_unprotected`: nothing tells who pressed.
   */
  countersign(
    kid: string,
    passphrase: string,
    typ: string,
    make: (by: { readonly operator: Operator; readonly authTime: number }) => object,
  ): Promise<Result<string, SessionProblem>>;
}

export type Announcement = "changed" | "locked";

export interface SessionPorts {
  readonly client: SignalboxClient;
  openKeyStore(): Promise<KeyStore>;
  nowMs(): number;
  /** Tells other tabs of this profile. */
  announce(what: Announcement): void;
}

const EMPTY: OperatorState = {
  status: "loading",
  operator: null,
  isLocked: false,
  protection: null,
  authTime: 0,
  amr: [],
  knownName: null,
  detail: "",
  known: [],
  ask: null,
};

/** A key that is about to be made, in the place of another where there is one. */
interface NewKey {
  readonly subject: string;
  readonly name: string;
  readonly secret: Secret;
  readonly identity: Awaited<ReturnType<SignalboxClient["identity"]["describe"]>>;
  readonly replaces: Signer | null;
}

/** What protects keys is loaded when a key is opened: the first screen needs none of it. */
const keys = () => import("./protection.ts");

/** The operators of this profile. The key for stops is in memory from loading on, so that a stop signs at once. */
export function createOperatorSession(ports: SessionPorts): OperatorSession {
  const store = createStore<OperatorState>(() => EMPTY);
  /** Everybody kept here. */
  let kept: readonly KeptOperator[] = [];
  let current: KeptOperator | null = null;
  let open: Signer | null = null;
  let opened: Promise<KeyStore> | null = null;
  let asked: PromiseWithResolvers<void> | null = null;
  const keyStore = (): Promise<KeyStore> => (opened ??= ports.openKeyStore());
  const nowS = (): number => Math.floor(ports.nowMs() / 1000);

  const show = (): void => {
    const known = kept
      .map(({ kid, subject, name, protection }) => ({ kid, subject, name, protection: protection.kind }))
      .toSorted((a, b) => a.name.localeCompare(b.name));
    if (current === null) {
      store.setState({
        status: "none",
        operator: null,
        isLocked: false,
        protection: null,
        authTime: 0,
        amr: [],
        known,
      });
      return;
    }
    const { authTime, amr, protection } = current;
    const shown = store.getState().operator;
    // Never those of whoever was signed in before.
    const roles = shown?.kid === current.kid ? shown.roles : [];
    store.setState({
      status: "ready",
      operator: publicPart(current, roles),
      isLocked: open === null,
      protection: protection.kind,
      authTime,
      amr,
      knownName: null,
      detail: "",
      known,
    });
  };

  const save = async (operator: KeptOperator, replaced?: string): Promise<void> => {
    await (await keyStore()).save(operator, replaced);
    kept = [...kept.filter(({ kid }) => kid !== operator.kid && kid !== replaced), operator];
  };

  /** Of somebody's keys here the log takes one; those it does not take, from before or from a try that failed, go away. */
  const keepOnly = async (subject: string, kid: string): Promise<void> => {
    const taken = kept.find((one) => one.kid === kid);
    if (taken === undefined) return;
    for (const other of kept) if (other.subject === subject && other.kid !== kid) await save(taken, other.kid);
    show();
  };

  /** This person is signed in with an open key, and nobody else is. */
  const use = async (operator: KeptOperator, signer: Signer): Promise<void> => {
    const earlier = current;
    await save(operator);
    if (earlier !== null && earlier.kid !== operator.kid) await save({ ...earlier, active: false });
    current = operator;
    open = signer;
    show();
    settle();
    ports.announce("changed");
  };

  const settle = (): void => {
    store.setState({ ask: null });
    asked?.resolve();
    asked = null;
  };

  let loading: Promise<void> | null = null;
  const read = async (): Promise<void> => {
    try {
      kept = listOf(await (await keyStore()).load());
      const before = current?.kid;
      const active = kept.filter((one) => one.active).toSorted((a, b) => b.authTime - a.authTime);
      current = active.find(({ kid }) => kid === before) ?? active[0] ?? null;
      if (current?.kid !== before) open = null;
      if (current?.protection.kind === "none") open = current.protection.signer;
      show();
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
    const checked = current;
    if (checked === null) return;
    const identity = await ports.client.identity.describe();
    const found = identity.operators.find((one) => one.kid === checked.kid);
    // The same key may have been read again meanwhile: what the host says of it holds still.
    if (current?.kid !== checked.kid) return;
    if (found !== undefined) {
      // An engine of an earlier contract does not say.
      store.setState({ operator: publicPart(checked, found.roles ?? []) });
      return;
    }
    current = null;
    open = null;
    show();
    store.setState({
      knownName: checked.name,
      detail: "The log of this console does not know your key: it was started anew, or belongs to another profile.",
    });
  };

  const enrol = async (name: string, secret: Secret): Promise<Result<void, SessionProblem>> => {
    // Who is here must be known first: a second key of the same person would be refused, after it was made.
    await (loading ?? load());
    const identity = await ports.client.identity.describe();
    const subject = `spiffe://${identity.trustDomain}/human/${slugOf(name)}`;
    const same = kept.find((one) => one.subject === subject);
    if (same !== undefined)
      return err({ code: "subject_taken", detail: `${same.name} is in this profile already: choose them and unlock` });
    if (identity.operators.some((one) => one.subject === subject))
      return err({ code: "subject_taken", detail: "another key is enrolled under this name: choose another name" });
    return finish({ subject, name, secret, identity, replaces: null });
  };

  /**
   * Makes keys, keeps them, and enrols them, in this order: no key that the log names is lost with the tab. Kept keys whose
   * enrolment was not answered are enrolled when they are opened.
   */
  const finish = async ({
    subject,
    name,
    secret,
    identity,
    replaces,
  }: NewKey): Promise<Result<void, SessionProblem>> => {
    const own = await (await keys()).makeProtectedKey(name, secret);
    if (!own.ok) return own;
    const { generateSigner } = await import("../protocol/jose/keys.ts");
    const stop = await generateSigner("EdDSA");
    const { trustDomain: domain, logId, pepId, operators } = identity;
    const { signer, jwk, amr, protection } = own.value;
    const described = { subject, name, kid: signer.kid, jwk, protection, stop, domain, logId, pepId, amr };
    await save({ ...described, authTime: nowS(), active: false });
    show();
    // The open key vouches for the new one, and ends with it. In a log that does not know it there is nothing to replace.
    const vouches = replaces !== null && operators.some(({ kid }) => kid === replaces.kid) ? replaces : null;
    const passkey = madeOf(protection);
    const nowMs = ports.nowMs();
    await enrolKeys({ ...ports, subject, name, logId, own: own.value, stop, passkey, replaces: vouches, nowMs });
    await use({ ...described, authTime: nowS(), active: true }, signer);
    await keepOnly(subject, signer.kid);
    await rolesAgain();
    return ok(undefined);
  };

  /** Which roles it has is told as soon as the host says; without that only the role a signal names is not the best one. */
  const rolesAgain = (): Promise<void> => checkEnrolled().catch(() => undefined);

  /**
   * Where the log was started anew, or an enrolment was not answered, the same keys are enrolled now. Null where the host does
   * not say whether it knows them: it is asked at the next load.
   */
  const enrolAgain = async (operator: KeptOperator, signer: Signer): Promise<KeptOperator | null> => {
    const identity = await ports.client.identity.describe().catch(() => null);
    if (identity === null) return null;
    if (identity.operators.some(({ kid }) => kid === operator.kid)) return operator;
    const { trustDomain: domain, logId, pepId } = identity;
    const { subject, name, jwk, stop } = operator;
    const own = { signer, jwk };
    const passkey = madeOf(operator.protection);
    await enrolKeys({ ...ports, subject, name, logId, own, stop, passkey, replaces: null, nowMs: ports.nowMs() });
    return { ...operator, domain, logId, pepId };
  };

  const unlock = async (
    kid: string,
    passphrase: string,
    challenge?: string,
  ): Promise<Result<PasskeyTouch | null, SessionProblem>> => {
    await (loading ?? load());
    const operator = kept.find((one) => one.kid === kid);
    if (operator === undefined)
      return err({ code: "key_unreadable", detail: "this key is not in the profile any more" });
    const key = await (await keys()).openKey(operator, passphrase, challenge);
    if (!key.ok) return key;
    const { signer, amr, touch: given } = key.value;
    const authTime = nowS();
    const known = await enrolAgain(operator, signer);
    await use({ ...(known ?? operator), amr, authTime, active: true }, signer);
    if (known !== null) await keepOnly(operator.subject, kid);
    await rolesAgain();
    return ok(given);
  };

  const protect = async (secret: Secret): Promise<Result<void, SessionProblem>> => {
    await (loading ?? load());
    const earlier = current ?? kept.find(({ protection }) => protection.kind === "none");
    if (earlier?.protection.kind !== "none")
      return err({ code: "key_unreadable", detail: "there is no unprotected key here" });
    const identity = await ports.client.identity.describe();
    const { subject, name } = earlier;
    return finish({ subject, name, secret, identity, replaces: earlier.protection.signer });
  };

  const touch = (): number => {
    if (current === null) return 0;
    if (current.protection.kind !== "none") return current.authTime;
    // All that an unprotected key can tell of its person is that somebody pressed.
    current = { ...current, authTime: nowS(), amr: OPERATOR_AMR };
    // Kept for the next visit only; what is signed now uses the value in memory.
    save(current).catch(() => undefined);
    store.setState({ authTime: current.authTime, amr: current.amr });
    return current.authTime;
  };

  const request = (ask: Ask): Promise<void> => {
    asked ??= Promise.withResolvers<void>();
    store.setState({ ask });
    return asked.promise;
  };

  /** Resolves when the key is open and its person was authenticated no longer ago than this. */
  const authenticated = async (longestS: number): Promise<void> => {
    if (asked !== null) await asked.promise;
    if (current === null || current.protection.kind === "none") return;
    if (open === null) return request({ kind: "unlock", why: "locked" });
    if (nowS() - current.authTime > longestS) return request({ kind: "unlock", why: "stale" });
  };

  const confirm = async ({ challenge, what }: TouchAsked): Promise<Touch> => {
    if (asked !== null) await asked.promise;
    if (current?.protection.kind === "none") await request({ kind: "protect" });
    if (current === null) throw new Error("Nobody is signed in.");
    if (current.protection.kind === "passphrase") {
      await request({ kind: "unlock", why: "decision", what });
      return { kind: "passphrase", challenge };
    }
    const given = await settled(unlock(current.kid, "", challenge));
    if (!given.ok) throw new Error(`Nothing was signed: ${given.error.detail}.`);
    return must(given.value, "a passkey that was given says what it signed");
  };

  const countersign: OperatorSession["countersign"] = async (kid, passphrase, typ, make) => {
    const second = kept.find((one) => one.kid === kid);
    if (second === undefined || second.subject === current?.subject)
      return err({ code: "key_unreadable", detail: "choose a second person whose key is in this profile" });
    // Nothing tells whose press it is: the one at the console could press for both.
    if (second.protection.kind === "none")
      return err({ code: "key_unprotected", detail: "the key of the second person is not protected" });
    const key = await (await keys()).openKey(second, passphrase);
    if (!key.ok) return key;
    const { operators } = await ports.client.identity.describe();
    const roles = operators.find((one) => one.kid === kid)?.roles ?? [];
    const authTime = nowS();
    const claims = make({ operator: publicPart(second, roles), authTime });
    return ok(await signToken(typ, withEvidence(claims, { authTime, amr: key.value.amr }), key.value.signer));
  };

  return {
    store,
    load,
    confirm,
    countersign: (kid, passphrase, typ, make) => settled(countersign(kid, passphrase, typ, make)),
    enrol: (name, secret) => settled(enrol(name, secret)),
    unlock: async (kid, passphrase) => {
      const opened = await settled(unlock(kid, passphrase));
      return opened.ok ? ok(undefined) : opened;
    },
    protect: (secret) => settled(protect(secret)),
    lock: (where) => {
      if (current === null || current.protection.kind === "none") return;
      open = null;
      show();
      if (where === "everywhere") ports.announce("locked");
    },
    signOut: async () => {
      if (current === null) return;
      const left = current;
      current = null;
      open = null;
      show();
      await save({ ...left, active: false });
      ports.announce("changed");
    },
    checkEnrolled,
    touch,
    confirmPresence: () => {
      const authTime = touch();
      // Whoever puts the question away is told so where the signature is refused.
      authenticated(STEP_UP_S).catch(() => undefined);
      return authTime;
    },
    request,
    dismiss: (ask) => {
      // A dialog that closes after its answer must not put away what was asked since.
      if (ask !== undefined && ask !== store.getState().ask) return;
      store.setState({ ask: null });
      asked?.reject(new Error("Nothing was signed: you did not authenticate."));
      asked = null;
    },
    sign: async (typ, claims) => {
      const longestS = longestAuthAgeS(typ, claims);
      if (longestS !== null) await authenticated(longestS);
      if (current === null) throw new Error("Nobody is signed in.");
      if ("iss" in claims && claims.iss !== current.subject)
        throw new Error("Nothing was signed: somebody else signed in meanwhile.");
      const signer = open ?? (isStop(typ, claims) ? current.stop.signer : null);
      if (signer === null) throw new Error("The key is locked.");
      return signToken(typ, withEvidence(claims, current), signer);
    },
  };
}

/** What the host or the key store said no with, as a value. */
async function settled<T>(doing: Promise<Result<T, SessionProblem>>): Promise<Result<T, SessionProblem>> {
  try {
    return await doing;
  } catch (error) {
    const { code, detail, title } = problemOf(error);
    return err({ code, detail: detail === "" ? title : detail });
  }
}

/** What the log may know of the passkey before a key. */
const madeOf = (protection: Protection) =>
  protection.kind === "passkey" || protection.kind === "passkey_asked" ? protection.passkey.made : undefined;

function listOf(loaded: Awaited<ReturnType<KeyStore["load"]>>): readonly KeptOperator[] {
  if (loaded === null) return [];
  return "signer" in loaded ? [keptOf(loaded)] : loaded;
}

function publicPart({ subject, name, kid, domain, logId, pepId }: KeptOperator, roles: readonly string[]): Operator {
  return { subject, name, kid, domain, logId, pepId, roles };
}
