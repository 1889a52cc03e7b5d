import { ORPCError } from "@orpc/client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, waitFor } from "@testing-library/react";
import { useState } from "react";
import { expect } from "vitest";
import { ApiProvider } from "../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../api/client/client.ts";
import { createConnectionStore } from "../../api/client/connection.ts";
import type { Json } from "../../base/json.ts";
import type { KeptOperator } from "../../operator/key-store.ts";
import { OperatorProvider } from "../../operator/operator-context.tsx";
import { makeProtectedKey } from "../../operator/protection.ts";
import { createOperatorSession, type OperatorSession } from "../../operator/session.ts";
import type { AcpClaims } from "../../protocol/acp/claims.ts";
import { canonicalText } from "../../protocol/jcs/canonical.ts";
import { generateSigner } from "../../protocol/jose/keys.ts";
import { gateDetail } from "./approvals.fixture.ts";
import { ApprovalsPane } from "./approvals-pane.tsx";
import type { ApprovalsSearch } from "./approvals-search.ts";
import type { GateDetail } from "./gate-detail.ts";

export const ALICE = "spiffe://console.local/human/alice";

const PASSPHRASE = "a passphrase of the pane";
/** Alice's key behind a passphrase, made once: deriving what wraps it takes its time. */
let behindPassphrase: ReturnType<typeof makeProtectedKey> | undefined;

async function protectedKey() {
  behindPassphrase ??= makeProtectedKey("Alice", { kind: "passphrase", passphrase: PASSPHRASE });
  const made = await behindPassphrase;
  if (!made.ok) throw new Error(made.error.detail);
  return made.value;
}

/** Waits until the session asks who is there for one decision, and gives Alice's passphrase. */
export async function giveTouch(session: OperatorSession): Promise<void> {
  await waitFor(() => expect(session.store.getState().ask).toMatchObject({ kind: "unlock", why: "decision" }));
  const given = await session.unlock((await protectedKey()).signer.kid, PASSPHRASE);
  if (!given.ok) throw new Error(given.error.detail);
}

export interface Held {
  detail: GateDetail;
  readonly token: string;
}

/** A host that holds requests and keeps the decisions it was given, without judging them. */
export async function hostWith(
  changes: readonly Parameters<typeof gateDetail>[0][],
  options: {
    readonly roles?: readonly string[];
    readonly policy?: AcpClaims;
    /** What is done with a request short of deciding it is recorded when this has come. */
    readonly handlesAfter?: Promise<void>;
  } = {},
) {
  const held: Held[] = await Promise.all(changes.map((change) => gateDetail(change)));
  const tokens: string[] = [];
  const handled: string[] = [];
  const reviews: string[] = [];
  const grants: string[] = [];
  const find = (request: string): Held | undefined => held.find(({ detail }) => detail.row.request === request);
  const missing = (): never => {
    const data = { type: "about:blank", title: "Not found", status: 404, detail: "no such request", code: "not_found" };
    throw new ORPCError("NOT_FOUND", { defined: true, data });
  };
  const position = () => held[0]?.detail.position ?? { domain: "console.local", size: 0, root: "", atMs: 0 };
  const client = {
    gate: {
      queue: async ({ state, wid, review }: { state?: string; wid?: string; review?: "due" }) => ({
        position: position(),
        rows: held
          .map(({ detail }) => detail.row)
          .filter((row) => (state === undefined || row.state === state) && (wid === undefined || row.wid === wid))
          .filter((row) => review === undefined || row.breakGlass?.review === null),
        pending: held.filter(({ detail }) => detail.row.state === "pending").length,
      }),
      request: async ({ request }: { request: string }) => find(request)?.detail ?? missing(),
      decide: async ({ token }: { token: string }) => {
        tokens.push(token);
        const claims = claimsOf(token);
        const one = find(claims.request.jti) ?? missing();
        if (claims.outcome === "escalate") escalate(one);
        else if (claims.outcome === "modify") modify(one, claims);
        else settle(one, ENDS[claims.outcome] ?? "rejected");
        return { seq: 77, request: claims.request.jti, state: one.detail.row.state };
      },
      handle: async ({ token }: { token: string }) => {
        handled.push(token);
        await options.handlesAfter;
        const claims = claimsOf(token);
        handle(find(claims.request.jti) ?? missing(), claims);
        return { seq: 78, request: claims.request.jti };
      },
      review: async ({ token }: { token: string }) => {
        reviews.push(token);
        const claims = claimsOf(token);
        reviewed(find(claims.request.jti) ?? missing(), claims);
        return { seq: 79, request: claims.request.jti };
      },
    },
    policy: {
      get: async () => (options.policy === undefined ? missing() : { claims: options.policy }),
      grant: async ({ token }: { token: string }) => {
        grants.push(token);
        return { seq: 80, jti: claimsOf(token).jti };
      },
    },
    audit: {
      entry: async ({ seq }: { seq: number }) => held.find(({ detail }) => detail.seq === seq) ?? missing(),
    },
    identity: {
      describe: async () => ({
        operators: [
          { kid: "alice-key", roles: options.roles ?? [] },
          ...(behindPassphrase === undefined
            ? []
            : [{ kid: (await protectedKey()).signer.kid, roles: options.roles ?? [] }]),
        ],
      }),
    },
  };
  // The client's type is a proxy's, which a plain object never is.
  return { client: client as unknown as SignalboxClient, held, tokens, handled, reviews, grants };
}

type Claims = ReturnType<typeof claimsOf>;

/** What somebody did with a request short of deciding it, as the host's rows say it then. */
function handle(one: Held, claims: Claims): void {
  const { row, responses } = one.detail;
  // The fake host believes what it is given: the engine's own tests are about what it refuses.
  // Read as the page has just signed them.
  const { iss: by, verb, until, reason, text } = claims as unknown as Record<string, string> & { until: number };
  const hold = { by: by ?? "", at: Math.floor(Date.now() / 1000), until };
  const change: Partial<GateDetail["row"]> =
    verb === "claim"
      ? { claim: hold }
      : verb === "unclaim"
        ? { claim: null }
        : verb === "shelve"
          ? { shelf: { ...hold, reason: reason ?? "" } }
          : verb === "unshelve"
            ? { shelf: null }
            : verb === "defer"
              ? { deferrals: [...row.deferrals, hold] }
              : verb === "undefer"
                ? { deferrals: row.deferrals.filter((other) => other.by !== by) }
                : {};
  const said = verb === "respond" ? [{ by: hold.by, text: text ?? "", at: hold.at, seq: 78 }] : [];
  one.detail = { ...one.detail, row: { ...row, ...change }, responses: [...responses, ...said] };
}

function reviewed(one: Held, claims: Claims): void {
  const { row } = one.detail;
  if (row.breakGlass === null) return;
  // Read as the page has just signed them.
  const { iss, verdict, reason } = claims as unknown as {
    iss: string;
    verdict: "justified" | "not_justified";
    reason: string;
  };
  const review = { by: iss, at: Math.floor(Date.now() / 1000), verdict, reason };
  one.detail = { ...one.detail, row: { ...row, breakGlass: { ...row.breakGlass, review } } };
}

function modify(one: Held, claims: Claims): void {
  const { args, args_hash: argsHash } = claims.modified as { args: Json; args_hash: string };
  const text = canonicalText(args);
  const canonicalArgs = text.ok ? text.value : "";
  const modified = { by: ALICE, argsHash, canonicalArgs, constraints: {}, seq: 77 };
  settle(one, "approved");
  one.detail = { ...one.detail, modified, row: { ...one.detail.row, modified: true } };
}

const ENDS: Readonly<Record<string, GateDetail["row"]["state"]>> = { approve: "approved", abort: "aborted" };

/** Whoever is next is asked besides, and nobody is left after them. */
function escalate(one: Held): void {
  const { row } = one.detail;
  const escalated = [...row.escalated, row.escalatesTo ?? ""];
  one.detail = { ...one.detail, row: { ...row, escalated, escalatesTo: null } };
}

export function settle(one: Held, state: GateDetail["row"]["state"], timedOut = false): void {
  one.detail = { ...one.detail, row: { ...one.detail.row, state, timedOut, remainingMs: null } };
}

/** Claims of a compact token, unverified. */
export function claimsOf(token: string): {
  readonly [member: string]: unknown;
  readonly request: { jti: string; hash: string };
  readonly outcome: string;
  readonly view: { hash: string; shown_at: number };
  readonly auth_time: number;
} {
  const text = atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (char) => char.charCodeAt(0))));
}

/** Holds the pane's URL parameters as the router would. */
function InMemory({ url }: { readonly url: Url }) {
  const [search, setSearch] = useState(url.search);
  const choose = (patch: Partial<ApprovalsSearch>): void => {
    url.search = { ...url.search, ...patch };
    setSearch(url.search);
  };
  url.choose = choose;
  return <ApprovalsPane search={search} setSearch={choose} />;
}

interface Url {
  search: ApprovalsSearch;
  choose(patch: Partial<ApprovalsSearch>): void;
}

/** The pane over a host, with Alice signed in and the URL kept in memory. */
export async function openPane(
  client: SignalboxClient,
  options: { readonly search?: ApprovalsSearch; readonly authTime?: number; readonly isProtected?: boolean } = {},
) {
  const made = await generateSigner();
  const { jwk } = made;
  const signer = { ...made.signer, kid: "alice-key" };
  const described = {
    subject: ALICE,
    name: "Alice",
    jwk,
    domain: "console.local",
    logId: "spiffe://console.local/log",
    pepId: "spiffe://console.local/pep",
    authTime: options.authTime ?? Math.floor(Date.now() / 1000) - 5,
  };
  // Locked, as after a reload.
  const behind = options.isProtected === true ? await protectedKey() : null;
  const wrapped: KeptOperator[] =
    behind === null
      ? []
      : [{ ...described, ...behind, kid: behind.signer.kid, stop: { signer, jwk }, amr: ["user"], active: true }];
  const connection = createConnectionStore(0);
  connection.setState({ state: "leader" });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const session = createOperatorSession({
    client,
    nowMs: () => Date.now(),
    announce: () => undefined,
    openKeyStore: async () => ({
      load: async () => (behind === null ? { ...described, signer } : wrapped),
      save: async () => undefined,
      close: () => undefined,
    }),
  });
  const url: Url = { search: options.search ?? {}, choose: () => undefined };
  const shown = render(
    <QueryClientProvider client={queries}>
      <ApiProvider client={client} control={client} connection={connection}>
        <OperatorProvider session={session}>
          <InMemory url={url} />
        </OperatorProvider>
      </ApiProvider>
    </QueryClientProvider>,
  );
  /** What a change notice of the host does. */
  const notice = () => queries.invalidateQueries({ queryKey: [["gate"]] });
  const noticeAll = () => queries.invalidateQueries();
  /** What the shell does to the URL. */
  const choose = (patch: Partial<ApprovalsSearch>): void => url.choose(patch);
  return { ...shown, session, url, choose, connection, queries, notice, noticeAll };
}
