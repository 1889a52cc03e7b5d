import { ORPCError } from "@orpc/client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import { useState } from "react";
import { ApiProvider } from "../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../api/client/client.ts";
import { createConnectionStore } from "../../api/client/connection.ts";
import type { KeptOperator } from "../../operator/key-store.ts";
import { OperatorProvider } from "../../operator/operator-context.tsx";
import { createOperatorSession } from "../../operator/session.ts";
import { generateSigner } from "../../protocol/jose/keys.ts";
import { gateDetail } from "./approvals.fixture.ts";
import { ApprovalsPane } from "./approvals-pane.tsx";
import type { ApprovalsSearch } from "./approvals-search.ts";
import type { GateDetail } from "./gate-detail.ts";

export const ALICE = "spiffe://console.local/human/alice";

export interface Held {
  detail: GateDetail;
  readonly token: string;
}

/** A host that holds requests and keeps the decisions it was given, without judging them. */
export async function hostWith(changes: readonly Parameters<typeof gateDetail>[0][]) {
  const held: Held[] = await Promise.all(changes.map((change) => gateDetail(change)));
  const tokens: string[] = [];
  const find = (request: string): Held | undefined => held.find(({ detail }) => detail.row.request === request);
  const missing = (): never => {
    const data = { type: "about:blank", title: "Not found", status: 404, detail: "no such request", code: "not_found" };
    throw new ORPCError("NOT_FOUND", { defined: true, data });
  };
  const position = () => held[0]?.detail.position ?? { domain: "console.local", size: 0, root: "", atMs: 0 };
  const client = {
    gate: {
      queue: async ({ state, wid }: { state?: string; wid?: string }) => ({
        position: position(),
        rows: held
          .map(({ detail }) => detail.row)
          .filter((row) => (state === undefined || row.state === state) && (wid === undefined || row.wid === wid)),
        pending: held.filter(({ detail }) => detail.row.state === "pending").length,
      }),
      request: async ({ request }: { request: string }) => find(request)?.detail ?? missing(),
      decide: async ({ token }: { token: string }) => {
        tokens.push(token);
        const claims = claimsOf(token);
        const one = find(claims.request.jti) ?? missing();
        if (claims.outcome === "escalate") escalate(one);
        else settle(one, ENDS[claims.outcome] ?? "rejected");
        return { seq: 77, request: claims.request.jti, state: one.detail.row.state };
      },
    },
    audit: {
      entry: async ({ seq }: { seq: number }) => held.find(({ detail }) => detail.seq === seq) ?? missing(),
    },
    identity: {
      describe: async () => ({ operators: [{ kid: "alice-key" }] }),
    },
  };
  return { client: client as unknown as SignalboxClient, held, tokens };
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
  // Locked, as after a reload; nothing here has the passphrase.
  const none = new Uint8Array();
  const wrapped: KeptOperator = {
    ...described,
    kid: signer.kid,
    protection: { kind: "passphrase", salt: none, iterations: 1, wrapped: { iv: none, bytes: none.buffer } },
    stop: { signer, jwk },
    amr: ["user"],
    active: true,
  };
  const connection = createConnectionStore(0);
  connection.setState({ state: "leader" });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const session = createOperatorSession({
    client,
    nowMs: () => Date.now(),
    announce: () => undefined,
    openKeyStore: async () => ({
      load: async () => (options.isProtected === true ? [wrapped] : { ...described, signer }),
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
  const notice = () => queries.invalidateQueries({ queryKey: ["gate"] });
  const noticeAll = () => queries.invalidateQueries();
  /** What the shell does to the URL. */
  const choose = (patch: Partial<ApprovalsSearch>): void => url.choose(patch);
  return { ...shown, session, url, choose, connection, queries, notice, noticeAll };
}
