import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { ApiProvider } from "../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../api/client/client.ts";
import { createConnectionStore } from "../../api/client/connection.ts";
import { must } from "../../base/assert.ts";
import type { Sha256 } from "../../base/ports.ts";
import { createSha256 } from "../../protocol/jose/hasher.ts";
import { generateSigner } from "../../protocol/jose/keys.ts";
import { leafHash, rootOf } from "../../protocol/merkle/tree.ts";
import {
  checkpointText,
  type NoteSigner,
  noteSigner,
  signNote,
  verifierKeyOf,
} from "../../protocol/transparency/sign-note.ts";
import { InspectorPane } from "./inspector-pane.tsx";
import type { InspectorSearch } from "./inspector-search.ts";
import { paste } from "./pasted.ts";

let sha256: Sha256;
let signer: NoteSigner;
beforeAll(async () => {
  sha256 = await createSha256();
  signer = must(noteSigner("other.example/log", "ed25519", await generateSigner()), "Ed25519");
});
afterEach(cleanup);

const leaves = () => ["one", "two", "three"].map((text) => leafHash(new TextEncoder().encode(text), sha256));
const checkpoint = () =>
  signNote(checkpointText({ origin: signer.name, size: 3, root: rootOf(leaves(), sha256) }), signer, sha256);

function Bench() {
  const [search, setSearch] = useState<InspectorSearch>({});
  return <InspectorPane search={search} setSearch={(patch) => setSearch((now) => ({ ...now, ...patch }))} />;
}

/** The pane over a console whose own keys are these. */
function open(own: readonly string[]): { inspected: number } {
  const asked = { inspected: 0 };
  const client = {
    anchors: {
      checkpoint: async () => ({ checkpoint: { verifierKey: own[0] ?? "" } }),
      list: async () => ({ anchors: [] }),
      watched: async () => ({ logs: own.slice(1).map((verifierKey) => ({ verifierKey })) }),
    },
    audit: {
      inspect: async () => {
        asked.inspected += 1;
        throw new Error("not asked for a token");
      },
    },
  } as unknown as SignalboxClient; // a proxy's type, which no plain object has
  paste("");
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <ApiProvider client={client} control={client} connection={createConnectionStore(0)}>
        <Bench />
      </ApiProvider>
    </QueryClientProvider>,
  );
  return asked;
}
const fill = (name: string, text: string): void =>
  void fireEvent.change(screen.getByRole("textbox", { name }), { target: { value: text } });
const proofs = async () => within(await screen.findByRole("region", { name: "Proofs" })).getAllByRole("listitem");

describe("a proof brought into the Inspector", { timeout: 60_000 }, () => {
  it("[XA-54] is unknown until its key is given, and then verified or failed, on this page alone", async () => {
    const note = await checkpoint();
    const asked = open(["", ""]);
    fill("Token", note);
    expect((await proofs())[0]).toHaveTextContent(/signature of other\.example\/log.*not checked.*unknown here/);
    expect(screen.getByText(/^Nothing yet/)).toBeInTheDocument();
    fill("Keys, and what belongs to it", verifierKeyOf(signer, sha256));
    expect(await screen.findByText(/The log has stated this root over 3 entries/)).toBeInTheDocument();
    expect((await proofs())[0]).toHaveTextContent("verified");
    expect(screen.getByText(/Whether the log shows everybody the same/)).toBeInTheDocument();
    fill("Keys, and what belongs to it", "not a key");
    expect(await screen.findByText("1 line is no key and was not used.")).toBeInTheDocument();
    expect(asked.inspected).toBe(0);
  });

  it("[XA-54] is believed under the keys of this console's log and of those it watches", async () => {
    const own = verifierKeyOf(signer, sha256);
    open([own]);
    fill("Token", (await checkpoint()).replace("\n3\n", "\n4\n"));
    expect((await proofs())[0]).toHaveTextContent(/failed.*note_signature_invalid/);
    fill("Token", await checkpoint());
    expect(await screen.findByText(/over 3 entries/)).toBeInTheDocument();
  });

  it("[XA-54] can be dropped as a file, bytes included, and a large one is not kept", async () => {
    open([verifierKeyOf(signer, sha256)]);
    const pane = must(screen.getByRole("textbox", { name: "Token" }).closest("div.relative"), "the pane");
    const drop = (...parts: BlobPart[]): void =>
      void fireEvent.drop(pane, { dataTransfer: { files: [new File(parts, "tile")], types: ["Files"] } });
    drop(...leaves().map((leaf) => new Uint8Array(leaf)));
    expect((await proofs())[0]).toHaveTextContent(/no checkpoint is beside it/);
    fill("Keys, and what belongs to it", await checkpoint());
    expect(await screen.findByText(/the hashes of all entries/)).toBeInTheDocument();
    drop(new Uint8Array(65_537));
    expect(await screen.findByRole("alert")).toHaveTextContent("65537 bytes");
    await userEvent.click(screen.getByRole("button", { name: /^Clear/ }));
    expect(screen.getByText("No token to look at")).toBeInTheDocument();
  });
});
