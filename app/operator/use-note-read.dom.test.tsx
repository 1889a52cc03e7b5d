import { render } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import { ApiProvider } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import { createConnectionStore } from "../api/client/connection.ts";
import { OperatorContext } from "./operator-context.tsx";
import type { OperatorSession } from "./session.ts";
import { type ReadKind, useNoteRead } from "./use-note-read.ts";

interface ViewedProps {
  readonly kind: ReadKind;
  readonly object: string | number | null;
  readonly domain?: string;
}

function Viewed({ kind, object, domain }: ViewedProps) {
  useNoteRead(kind, object, domain);
  return null;
}

it("[XA-18] [XA-61] tells of what comes into view, once for whoever is signed in, and of nothing while nobody is", async () => {
  const noteRead = vi.fn(async () => {
    throw new Error("the host is not there");
  });
  const client = { audit: { noteRead } } as unknown as SignalboxClient; // All that is asked for here.
  const store = createStore<{ operator: { subject: string; domain: string } | null }>(() => ({ operator: null }));
  const session = { store } as unknown as OperatorSession; // All that is looked at here.
  const signIn = (subject: string): void => store.setState({ operator: { subject, domain: "console.local" } });
  const at = (kind: ReadKind, object: string | number | null, domain = "console.local") => (
    <ApiProvider client={client} control={client} connection={createConnectionStore(0)}>
      <OperatorContext value={session}>
        <Viewed kind={kind} object={object} domain={domain} />
      </OperatorContext>
    </ApiProvider>
  );
  const shown = render(at("arguments", "r1"));
  expect(noteRead).not.toHaveBeenCalled();
  signIn("alice");
  signIn("alice");
  expect(noteRead.mock.calls).toEqual([[{ operator: "alice", kind: "arguments", object: "r1" }]]);
  signIn("bob");
  expect(noteRead).toHaveBeenLastCalledWith({ operator: "bob", kind: "arguments", object: "r1" });
  shown.rerender(at("entry", 7));
  expect(noteRead).toHaveBeenLastCalledWith({ operator: "bob", kind: "entry", object: 7 });
  const told = noteRead.mock.calls.length;
  shown.rerender(at("entry", null));
  shown.rerender(at("entry", 7, "partner.example"));
  signIn("carol");
  expect(noteRead).toHaveBeenCalledTimes(told);
});
