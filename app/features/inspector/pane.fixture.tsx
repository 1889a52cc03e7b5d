import { sha256 } from "@noble/hashes/sha2.js";
import { ORPCError } from "@orpc/client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import { useCallback, useState } from "react";
import { ApiProvider } from "../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../api/client/client.ts";
import { createConnectionStore } from "../../api/client/connection.ts";
import type { EntryRow } from "../../api/contract/common.ts";
import type { Inspected, InspectInput } from "../../api/contract/inspect.ts";
import { must } from "../../base/assert.ts";
import type { JsonObject } from "../../base/json.ts";
import { err, ok } from "../../base/result.ts";
import { type AcceptanceStep, acceptanceSteps } from "../../protocol/acp/acceptance-steps.ts";
import { acpClaimsSchema } from "../../protocol/acp/claims.ts";
import { parseCompact, peekTyp } from "../../protocol/jose/compact.ts";
import { generateSigner, importPublicKey, type Signer, type TrustedKey } from "../../protocol/jose/keys.ts";
import { signToken, tokenDigest } from "../../protocol/jose/sign-token.ts";
import { explainToken } from "../../protocol/jose/verify-token.ts";
import { KNOWN_TYPS, tokenTypeOf } from "../../protocol/token-types.ts";
import { InspectorPane } from "./inspector-pane.tsx";
import type { InspectorSearch } from "./inspector-search.ts";
import { paste } from "./pasted.ts";

export const NOW_S = Math.floor(Date.now() / 1000);
export const PEP = "spiffe://console.local/pep";
export const ALICE = "spiffe://console.local/human/alice";
export const AGENT = "spiffe://console.local/agent/builder";
export const WID = "0195400c-0000-7000-8000-00000000000a";
export const POLICY = "0195400c-0000-7000-8000-0000000000b1";
export const DIGEST = "A".repeat(43);
export const jti = (number: number): string => `0195400c-0000-7000-8000-${String(number).padStart(12, "0")}`;

/** An intent that was made `ageS` ago. */
export const intent = (ageS = 10, change: object = {}): JsonObject => ({
  iss: AGENT,
  aud: PEP,
  iat: NOW_S - ageS,
  exp: NOW_S - ageS + 300,
  jti: jti(1),
  wid: WID,
  task: jti(2),
  exec_act: "build_site",
  pred: [jti(3)],
  inp_hash: DIGEST,
  args_hash: DIGEST,
  acp: { jti: POLICY, hash: DIGEST },
  ...change,
});

export function entryRow(seq: number, change: Partial<EntryRow> = {}): EntryRow {
  return {
    domain: "console.local",
    seq,
    receivedAt: NOW_S - 1000,
    typ: "intent+jwt",
    jti: jti(seq),
    iss: AGENT,
    wid: WID,
    action: "build_site",
    outcome: null,
    task: null,
    taskName: null,
    severity: "info",
    submitter: AGENT,
    ...change,
  };
}

/** A log that holds some tokens and has enrolled one key: verification is the real one. */
export class FakeHost {
  readonly asked: InspectInput[] = [];
  readonly entries = new Map<number, { token: string; row: EntryRow }>();
  answer: Partial<Inspected> = {};
  failing: Error | null = null;
  private readonly key: TrustedKey;
  readonly signer: Signer;

  private constructor(signer: Signer, key: TrustedKey) {
    this.signer = signer;
    this.key = key;
  }

  static async open(subject = AGENT): Promise<FakeHost> {
    const { signer, jwk } = await generateSigner();
    const imported = await importPublicKey(jwk);
    const { kid, alg, key } = must(imported.ok ? imported.value : null, "a key that was just made imports");
    return new FakeHost(signer, { kid, alg, key, subject, revokedAt: null });
  }

  sign(typ: string, claims: object): Promise<string> {
    return signToken(typ, claims, this.signer);
  }

  async inspect(input: InspectInput): Promise<Inspected> {
    this.asked.push(input);
    if (this.failing !== null) throw this.failing;
    const held = "token" in input ? null : this.held(input);
    const token = "token" in input ? input.token : must(held, "an entry").token;
    const parsed = parseCompact(token);
    const typ = peekTyp(token);
    const type = typ === null ? undefined : tokenTypeOf(typ);
    const at = input.at ?? held?.row.receivedAt ?? NOW_S;
    const steps = await explainToken(type ?? { ...must(tokenTypeOf("intent+jwt"), "a type"), typ: KNOWN_TYPS }, token, {
      nowS: at,
      ownIds: [PEP],
      resolveKey: (kid) => (kid === this.key.kid ? this.key : undefined),
      seen: () => false,
      algorithms: ["ES256", "EdDSA"],
      sha256,
    });
    return {
      position: { domain: "console.local", size: 120, root: "R".repeat(43), atMs: Date.now() },
      entry: held?.row ?? null,
      token: held?.token ?? null,
      typ,
      isKnown: type !== undefined,
      header: { ...(parsed.ok ? parsed.value.header : {}) } as Inspected["header"],
      claims: { ...(parsed.ok ? parsed.value.payload : {}) } as Inspected["claims"],
      digest: tokenDigest(token, sha256),
      at,
      asOf: input.at !== undefined ? "given" : held === null ? "now" : "receipt",
      ownIds: [PEP],
      key:
        parsed.ok && parsed.value.header.kid === this.key.kid
          ? { kid: this.key.kid, subject: this.key.subject, until: NOW_S + 86_400 }
          : null,
      steps: [...steps.map((step) => ({ procedure: "CTV", ...step })), ...policySteps(typ, steps, parsed)],
      names: [],
      namedBy: [],
      isNamedByAll: true,
      ...this.answer,
    };
  }

  private held(input: Exclude<InspectInput, { token: string }>) {
    const found = [...this.entries.values()].find(({ row }) =>
      "seq" in input ? row.seq === input.seq : row.jti === input.jti,
    );
    if (found !== undefined) return found;
    const detail = "seq" in input ? `the log has no entry ${input.seq}` : "the log has no token with this id";
    throw new ORPCError("NOT_FOUND", {
      defined: true,
      status: 404,
      data: {
        type: "urn:signalbox:problem:entry_unknown",
        title: "Not found",
        status: 404,
        detail,
        code: "entry_unknown",
      },
    });
  }
}

/** P1 for a policy of another log: its parent and its revocation are not known here. */
function policySteps(
  typ: string | null,
  common: Awaited<ReturnType<typeof explainToken>>,
  parsed: ReturnType<typeof parseCompact>,
): AcceptanceStep[] {
  if (typ !== "acp+jwt") return [];
  const failed = common.find((step) => step.result === "failed");
  const refused = failed && { code: failed.code ?? "", detail: failed.detail ?? "" };
  const claims = refused === undefined && parsed.ok ? acpClaimsSchema.parse(parsed.value.payload) : null;
  const why = "neither it nor its parent is in this log, where a revocation would stand";
  return acceptanceSteps(claims === null ? err(refused ?? { code: "", detail: "" }) : ok(claims), {
    parent: undefined,
    revocation: { known: false, why },
  });
}

/** The URL as the router would keep it. */
export const url: { now: InspectorSearch } = { now: {} };

function Bench({ first }: { readonly first: InspectorSearch }) {
  const [search, setSearch] = useState<InspectorSearch>(first);
  const change = useCallback((patch: Partial<InspectorSearch>) => setSearch((now) => ({ ...now, ...patch })), []);
  url.now = search;
  return (
    <main style={{ height: "100vh" }}>
      <h1>Inspector</h1>
      <InspectorPane search={search} setSearch={change} />
    </main>
  );
}

export function show(host: FakeHost, first: InspectorSearch = {}): void {
  paste("");
  const client = { audit: { inspect: (input: InspectInput) => host.inspect(input) } } as unknown as SignalboxClient; // a proxy's type, which no plain object has
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={queries}>
      <ApiProvider client={client} control={client} connection={createConnectionStore(0)}>
        <Bench first={first} />
      </ApiProvider>
    </QueryClientProvider>,
  );
}
