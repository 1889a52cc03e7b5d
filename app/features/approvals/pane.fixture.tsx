import { ORPCError } from "@orpc/client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import { useState } from "react";
import { ApiProvider } from "../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../api/client/client.ts";
import { createConnectionStore } from "../../api/client/connection.ts";
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
  /** The log has a record of its time-out. */
  timedOut?: boolean;
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
        settle(one, claims.outcome === "approve" ? "approved" : "rejected");
        return { seq: 77, request: claims.request.jti, state: one.detail.row.state };
      },
    },
    audit: {
      entry: async ({ seq }: { seq: number }) => held.find(({ detail }) => detail.seq === seq) ?? missing(),
      entries: async ({ typ }: { typ?: string }) => ({
        position: position(),
        rows: held
          .filter(({ timedOut }) => typ === "hitl-request+jwt" || timedOut === true)
          .map(({ detail }) => ({ typ, jti: detail.row.request, task: `task of ${detail.row.request}` })),
        total: held.length,
        next: null,
      }),
    },
    identity: {
      describe: async () => ({ operators: [{ kid: "alice-key" }] }),
    },
  };
  return { client: client as unknown as SignalboxClient, held, tokens };
}

export function settle(one: Held, state: GateDetail["row"]["state"]): void {
  one.detail = { ...one.detail, row: { ...one.detail.row, state, remainingMs: null } };
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
  options: { readonly search?: ApprovalsSearch; readonly authTime?: number } = {},
) {
  const { signer, jwk } = await generateSigner();
  const connection = createConnectionStore(0);
  connection.setState({ state: "leader" });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const session = createOperatorSession({
    client,
    nowMs: () => Date.now(),
    announce: () => undefined,
    openKeyStore: async () => ({
      load: async () => ({
        subject: ALICE,
        name: "Alice",
        jwk,
        signer: { ...signer, kid: "alice-key" },
        domain: "console.local",
        logId: "spiffe://console.local/log",
        pepId: "spiffe://console.local/pep",
        authTime: options.authTime ?? Math.floor(Date.now() / 1000) - 5,
      }),
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
  return { ...shown, url, choose, connection, queries, notice, noticeAll };
}
