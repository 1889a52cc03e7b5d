import { act, cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import type { SignalboxClient } from "../../../api/client/client.ts";
import type { AgentProofView } from "../../../api/contract/drill.ts";
import { SelfTestPart } from "../../../operator/self-test/self-test-part.tsx";
import { signedIn } from "../../../operator/signed-in.fixture.ts";
import { renderSignedIn } from "../../../operator/signed-in-pane.fixture.tsx";
import { SelfTests } from "./self-tests.tsx";

const WID = "0195400c-0000-4000-8000-00000000000a";
const ADA = "spiffe://console.local/human/ada";
const PEP = "spiffe://console.local/pep";
const DAY_S = 86_400;
const nowS = Math.floor(Date.now() / 1000);
const idOf = (name: string): string => `spiffe://console.local/agent/${name}`;

const refused = { result: "passed", finding: "refused", tried: 0 } as const;
const STEPS = {
  blocks: refused,
  times_out: refused,
  restarts: refused,
  stops: { ...refused, finding: "obeyed" },
} as const;

type Last = NonNullable<AgentProofView["last"]>;
const proof = (name: string, daysAgo: number | null, last: Partial<Last> = {}): AgentProofView => {
  const at = nowS - (daysAgo ?? 0) * DAY_S - 60;
  const result = last.result ?? "passed";
  const dueAt = daysAgo === null || result !== "passed" ? null : at + 7 * DAY_S;
  return {
    agent: idOf(name),
    last: daysAgo === null ? null : { at, seq: 77, wid: WID, place: "workers", result, steps: STEPS, ...last },
    ...{ passedAt: dueAt === null ? null : at, againDays: 7, dueAt },
    overdue: dueAt === null || dueAt <= nowS,
    running: null,
  };
};

const AGENTS = [
  proof("proven", 3),
  proof("old", 8),
  proof("never", null),
  proof("bad", 1, {
    result: "failed",
    steps: {
      ...STEPS,
      blocks: { result: "failed", finding: "acted", tried: 2 },
      restarts: { result: "inconclusive", finding: "no_worker", tried: 0 },
    },
  }),
];
const given: { acp: string; start: string; stop: string; release: string }[] = [];
const client = {
  identity: { describe: async () => ({ operators: [{ kid: "k" }] }) },
  drill: {
    selfTests: async ({ agent }: { agent?: string }) => ({
      position: { domain: "console.local", size: 60, root: "r", atMs: Date.now() },
      place: "workers",
      agents: AGENTS.filter((one) => agent === undefined || one.agent === agent),
      workflows: [{ wid: WID, agents: [idOf("proven"), idOf("bad")] }],
    }),
    prepareSelfTest: async ({ wid, agents }: { wid: string; agents: string[] }) => ({
      ...{ wid, digest: "d".repeat(43), pepId: PEP, step: "self_test_step", gated: "self_test_gated" },
      agents: agents.map((agent) => {
        const name = agent.slice(agent.lastIndexOf("/") + 1);
        return { agent: idOf(`${wid}/${name}`), name };
      }),
    }),
    startSelfTest: async (tokens: { acp: string; start: string; stop: string; release: string }) => {
      given.push(tokens);
      return { wid: WID, seq: 12 };
    },
  },
} as unknown as SignalboxClient; // a proxy's type, which no plain object has

const claimsOf = (token: string | undefined): Record<string, unknown> =>
  JSON.parse(atob((token?.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/")));

afterEach(cleanup);

describe("self-tests of agents", () => {
  it("[F8] [N21] [S12] are told with their age, what failed or is overdue first, and one button tests a workflow's agents", async () => {
    const session = await signedIn(client, { subject: ADA, name: "Ada", logId: "l:og", pepId: PEP });
    renderSignedIn(
      client,
      session,
      <>
        <SelfTests />
        <section aria-label="Page of bad">
          <SelfTestPart agent={idOf("bad")} />
        </section>
      </>,
    );
    await act(async () => undefined);
    const part = await screen.findByRole("region", { name: "Self-tests of agents" });
    const rows = within(part).getAllByRole("row").slice(1);
    expect(rows.map((row) => row.textContent?.split("ago")[0])).toEqual([
      "oldoverdue, proven 8 d ",
      expect.stringContaining("nevernever tested"),
      "badfailed 1 d ",
      "provenproven 3 d ",
    ]);
    const page = screen.getByRole("region", { name: "Page of bad" });
    expect(
      within(page).getByText("It said that it had done what nobody had approved. It tried 2 times."),
    ).toBeVisible();
    expect(within(page).getByText("inconclusive")).toBeVisible();
    expect(within(page).getByText(/^Agents run in the thread of this host/)).toBeVisible();
    expect(within(page).getByText(/Not tested: what it does outside of this channel/)).toBeVisible();
    expect(within(page).getByRole("link", { name: "Its signed record" })).toHaveAttribute("href", "/timeline?entry=77");

    await userEvent.setup().click(within(part).getByRole("button", { name: "Sign and test 2 of 2" }));
    await expect.poll(() => given).toHaveLength(1);
    const { acp, start, stop, release } = Object.fromEntries(
      Object.entries(given[0] ?? {}).map(([name, token]) => [name, claimsOf(token)]),
    );
    expect(start).toMatchObject({
      iss: ADA,
      exec_act: "run_start",
      ect_ext: { "org.signalbox.drill": { script: "self-test", size: 2, again_days: 7, of: ["proven", "bad"] } },
    });
    // The stop that is given in its course is of this workflow and of nothing else.
    expect(stop).toMatchObject({ action: "stop", scope: { kind: "workflow", id: start?.wid } });
    expect(release).toMatchObject({ action: "release", params: { of: stop?.jti }, scope: { id: start?.wid } });
    expect(acp?.hitl).toMatchObject({
      rules: [{ trigger: { kind: "action", patterns: ["self_test_gated"] }, timeout_s: 10 }],
    });
  });
});
