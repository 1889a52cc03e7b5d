import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProvider } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import { createConnectionStore } from "../api/client/connection.ts";
import { OperatorProvider } from "../operator/operator-context.tsx";
import { createOperatorSession, type OperatorSession } from "../operator/session.ts";
import { generateSigner } from "../protocol/jose/keys.ts";
import type { Press, StopLine } from "../protocol/override/stop-line.ts";
import { Dialog } from "../ui/dialog.tsx";
import { CrashGuard } from "./crash-guard.tsx";
import { StopControl } from "./stop-control.tsx";

const DOMAIN = "console.local";
const sent: { token: string }[] = [];
let answer: () => Promise<unknown>;
const raised = new Map<string, Press>();
const stopLine: StopLine = {
  raise: (press) => {
    raised.set(press.jti, press);
    return () => void raised.delete(press.jti);
  },
};

const client = {
  identity: {
    describe: async () => ({ trustDomain: DOMAIN, logId: "l:og", pepId: "p:ep", operators: [{ kid: "k" }] }),
  },
  override: {
    list: async () => ({ position: { domain: DOMAIN, size: 0, root: "", atMs: 0 }, signals: [], latched: 0 }),
    signal: (input: { token: string }) => {
      sent.push(input);
      return answer();
    },
  },
} as unknown as SignalboxClient; // a proxy's type, which no plain object has

/** A session whose key lies in memory, as after loading. */
async function session(signedIn: boolean, ready: Promise<void>): Promise<OperatorSession> {
  const { signer, jwk } = await generateSigner();
  const stored = {
    subject: `spiffe://${DOMAIN}/human/ada`,
    name: "Ada",
    jwk,
    signer: { ...signer, kid: "k" },
    domain: DOMAIN,
    logId: "l:og",
    pepId: "p:ep",
    authTime: 0,
  };
  return createOperatorSession({
    client,
    openKeyStore: async () => ({
      load: async () => {
        await ready;
        return signedIn ? stored : null;
      },
      save: async () => undefined,
      close: () => undefined,
    }),
    nowMs: () => Date.now(),
    announce: () => undefined,
  });
}

const onSignIn = vi.fn();

interface ShowOptions {
  readonly signedIn?: boolean;
  readonly state?: "leader" | "lost";
  /** When the key store answers; at once unless told. */
  readonly ready?: Promise<void>;
  readonly children?: ReactNode;
}

async function show(options: ShowOptions = {}) {
  const connection = createConnectionStore(0);
  connection.setState({ state: options.state ?? "leader", detail: "", sinceMs: 0 });
  const own = await session(options.signedIn ?? true, options.ready ?? Promise.resolve());
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ApiProvider client={client} control={client} connection={connection} stopLine={stopLine}>
        <OperatorProvider session={own}>
          <CrashGuard>{options.children}</CrashGuard>
          <StopControl onOpenControl={() => undefined} onSignIn={onSignIn} />
        </OperatorProvider>
      </ApiProvider>
    </QueryClientProvider>,
  );
  if (options.ready === undefined) await waitFor(() => expect(own.store.getState().status).not.toBe("loading"));
}

const control = (): HTMLElement => screen.getByRole("button", { name: /^Stop/ });
const hold = (ms: number): Promise<void> =>
  act(async () => {
    await vi.advanceTimersByTimeAsync(ms);
  });
const press = (): boolean => fireEvent.pointerDown(control(), { button: 0, isPrimary: true, pointerId: 1 });
const claims = (token: string): unknown =>
  JSON.parse(atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/")));

beforeEach(() => {
  sent.length = 0;
  answer = async () => ({ jti: "0195400c-0000-7000-8000-0000000000a1", latchedAtMs: 1, targets: 0, recorded: true });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], shouldAdvanceTime: true });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.clearAllMocks();
});

function Failing(): ReactNode {
  throw new Error("the view failed");
}

describe("the stop control", () => {
  it("[S2] [OVR-18] stops everything after one press held for 0.8 s, and not before", async () => {
    await show();
    press();
    expect(control()).toHaveTextContent("keep holding");
    await hold(700);
    expect(sent).toHaveLength(0);
    await hold(120);
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(claims(sent[0]?.token ?? "")).toMatchObject({
      action: "stop",
      level: "emergency",
      scope: { kind: "domain", id: DOMAIN },
      params: { mode: "immediate" },
    });
    expect(await screen.findByText("in force")).toBeVisible();
  });

  it("[S2] sends nothing when it is let go early, and says so", async () => {
    await show();
    press();
    await hold(500);
    fireEvent.pointerUp(control());
    await hold(1000);
    expect(sent).toHaveLength(0);
    expect(screen.getByRole("status")).toHaveTextContent("Nothing was stopped");
  });

  it("[S1] is held by Space on it or by a chord from anywhere, also while typing", async () => {
    await show({ children: <input aria-label="note" /> });
    fireEvent.keyDown(control(), { key: " ", code: "Space" });
    await hold(810);
    await waitFor(() => expect(sent).toHaveLength(1));
    fireEvent.keyUp(control(), { key: " ", code: "Space" });

    await screen.findByText("in force");
    const chord = { key: "X", code: "KeyX", altKey: true, shiftKey: true };
    fireEvent.keyDown(screen.getByRole("textbox"), chord);
    await hold(400);
    fireEvent.keyDown(screen.getByRole("textbox"), { ...chord, repeat: true });
    await hold(410);
    await waitFor(() => expect(sent).toHaveLength(2));
  });

  it("[S1] stays usable while a dialog is open, and after everything else has failed", async () => {
    const quiet = vi.spyOn(console, "error").mockImplementation(() => undefined);
    await show({
      children: (
        <Dialog title="Busy" isOpen onOpenChange={() => undefined}>
          text
        </Dialog>
      ),
    });
    expect(screen.getByRole("dialog")).toBeVisible();
    expect(control().closest("[aria-hidden=true],[inert]")).toBeNull();
    cleanup();
    await show({ children: <Failing /> });
    expect(screen.getByRole("alert")).toHaveTextContent("the view failed");
    press();
    await hold(810);
    await waitFor(() => expect(sent).toHaveLength(1));
    quiet.mockRestore();
  });

  it("[S11] is not red where a press would not work, and names what to do instead", async () => {
    await show({ signedIn: false });
    expect(control()).not.toHaveClass("bg-stop");
    expect(control()).toHaveTextContent("sign in first");
    fireEvent.click(control());
    expect(onSignIn).toHaveBeenCalledOnce();
    cleanup();
    await show({ state: "lost" });
    expect(control()).not.toHaveClass("bg-stop");
    expect(control()).toHaveTextContent("no answer; hold anyway");
  });

  it("[OVR-S3] [OVR-42] goes on sending while nothing answers, says that it is not delivered, and bars effects meanwhile", async () => {
    answer = async () => Promise.reject(new DOMException("port closed", "AbortError"));
    await show();
    press();
    await hold(810);
    await hold(600);
    await waitFor(() => expect(sent.length).toBeGreaterThan(2));
    expect(screen.getByText(/Not delivered yet/)).toBeVisible();
    expect(screen.getByText(/Unrecorded stop/)).toBeVisible();
    expect([...raised.values()]).toMatchObject([{ scope: { kind: "domain", id: DOMAIN } }]);
    expect(new Set(sent.map((one) => one.token)).size).toBe(1);
    answer = async () => ({ jti: "0195400c-0000-7000-8000-0000000000a1", latchedAtMs: 1, targets: 0, recorded: false });
    await hold(300);
    expect(await screen.findByText(/has not recorded it yet/)).toBeVisible();
    expect(raised.size).toBe(0);
  });

  it("tells assistive technology, whose clicks cannot be held, how to hold", async () => {
    await show();
    fireEvent.click(control(), { detail: 0 });
    expect(screen.getByRole("status")).toHaveTextContent("Alt+Shift+X");
    expect(sent).toHaveLength(0);
  });

  it("does not call somebody signed out while their key is read, and keeps a press until it is there", async () => {
    for (const signedIn of [true, false]) {
      const key = Promise.withResolvers<void>();
      await show({ signedIn, ready: key.promise });
      expect(control()).not.toHaveClass("bg-stop");
      expect(control()).toHaveTextContent("reading key; hold anyway");
      expect(screen.queryByText(/sign in first/)).toBeNull();
      press();
      await hold(810);
      expect(onSignIn).not.toHaveBeenCalled();
      expect(screen.getByRole("status")).toHaveTextContent("The stop is sent as soon as it is there");
      expect(sent).toHaveLength(0);
      await act(async () => key.resolve());
      if (signedIn) {
        await waitFor(() => expect(sent).toHaveLength(1));
        expect(await screen.findByText("in force")).toBeVisible();
      } else {
        expect(await screen.findByText(/Nothing was stopped: there is no key here/)).toBeVisible();
        expect(sent).toHaveLength(0);
      }
      cleanup();
      sent.length = 0;
    }
  });
});
