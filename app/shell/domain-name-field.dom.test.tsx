import { ORPCError } from "@orpc/client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { ApiProvider } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import { createConnectionStore } from "../api/client/connection.ts";
import { DomainNameField, useDomainName } from "./domain-name-field.tsx";

afterEach(cleanup);

function Form({ onDone }: { onDone(ended: unknown): void }) {
  const domain = useDomainName();
  return (
    <>
      <DomainNameField domain={domain} />
      <button type="button" disabled={!domain.isValid} onClick={() => void domain.settle().then(onDone)}>
        Sign in
      </button>
    </>
  );
}

function show(fixed: string | null, nameDomain = vi.fn(async (input: object) => input)) {
  let trustDomainFixed = fixed;
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const identity = { describe: async () => ({ trustDomain: "console.local", trustDomainFixed }), nameDomain };
  // Only what the form asks for.
  const client = { identity } as unknown as SignalboxClient;
  const onDone = vi.fn();
  render(
    <QueryClientProvider client={queries}>
      <ApiProvider client={client} control={client} connection={createConnectionStore(0)}>
        <Form onDone={onDone} />
      </ApiProvider>
    </QueryClientProvider>,
  );
  const begin = async (why: string): Promise<void> => {
    trustDomainFixed = why;
    await queries.invalidateQueries();
  };
  return { nameDomain, onDone, begin };
}

it("[XDA-49] asks for a name while there can be another one, checks it, and has the host take it", async () => {
  const user = userEvent.setup();
  const { nameDomain, onDone } = show(null);
  const field = await screen.findByRole("textbox", { name: "Name of this console's domain" });
  expect(field).toHaveValue("console.local");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  await waitFor(() => expect(onDone).toHaveBeenCalledWith({ ok: true, value: undefined }));
  expect(nameDomain).not.toHaveBeenCalled();
  await user.clear(field);
  await user.type(field, "Ops");
  expect(screen.getByRole("button", { name: "Sign in" })).toBeDisabled();
  expect(field).toHaveAccessibleDescription(/It takes a name such as ops\.example/);
  await user.clear(field);
  await user.type(field, "ops.example");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  await waitFor(() => expect(nameDomain).toHaveBeenCalledWith({ trustDomain: "ops.example" }));
});

it("[XDA-49] says why a log keeps its name", async () => {
  show("a log keeps its name");
  expect(await screen.findByText(/a log keeps its name/)).toBeVisible();
  expect(screen.queryByRole("textbox")).toBeNull();
});

it("[XDA-49] tells that somebody was there first", async () => {
  const user = userEvent.setup();
  const data = { type: "urn:x", title: "Conflict", status: 409, detail: "it is written to", code: "domain_fixed" };
  const { onDone } = show(
    null,
    vi.fn(() => Promise.reject(new ORPCError("CONFLICT", { defined: true, status: 409, data }))),
  );
  await user.type(await screen.findByRole("textbox"), "x");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  await waitFor(() =>
    expect(onDone).toHaveBeenCalledWith({ ok: false, error: expect.objectContaining({ code: "domain_fixed" }) }),
  );
});

it("[XDA-49] shows the name there is where somebody began the log while another one was typed", async () => {
  const user = userEvent.setup();
  const { begin } = show(null);
  const field = await screen.findByRole("textbox");
  await user.clear(field);
  await user.type(field, "ops.example");
  await begin("a log keeps its name");
  expect(await screen.findByText(/a log keeps its name/)).toHaveTextContent(
    "Domain: console.local. a log keeps its name",
  );
  expect(screen.getByRole("button", { name: "Sign in" })).toBeEnabled();
});
