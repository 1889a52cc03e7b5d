import { ORPCError } from "@orpc/client";
import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { decodeJwt } from "jose";
import { useCallback, useState } from "react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SignalboxClient } from "../../../api/client/client.ts";
import type { BenchmarkView } from "../../../api/contract/benchmark.ts";
import { signedIn } from "../../../operator/signed-in.fixture.ts";
import { renderSignedIn } from "../../../operator/signed-in-pane.fixture.tsx";
import { acpClaimsSchema } from "../../../protocol/acp/claims.ts";
import { benchProfile, benchResult, RUN, TASK_SET } from "../../../protocol/behavior/bench.fixture.ts";
import { regression } from "../../../protocol/behavior/bench-compare.ts";
import { benchOrderClaimsSchema } from "../../../protocol/behavior/bench-order.ts";
import type { BenchResultClaims } from "../../../protocol/behavior/bench-result.ts";
import { type Frozen, FrozenProvider } from "../../../ui/frozen.ts";
import type { BehaviorSearch } from "../behavior-search.ts";
import { BenchmarksView } from "./benchmarks-view.tsx";

const ALICE = "spiffe://console.local/human/alice";
const position = { domain: "console.local", size: 90, root: "r".repeat(43), atMs: Date.now() };
const uuid = (n: number): string => `0195400c-0000-4000-8000-${String(n).padStart(12, "0")}`;
const AT = 1_772_064_000;

const bench = (n: number, change: Partial<BenchmarkView> = {}): BenchmarkView => ({
  ...{ order: uuid(n), by: ALICE, at: AT + n * 600, seq: n * 10, subject: "spiffe://console.local/agents" },
  ...{ benchId: "small-run", version: 1, hash: RUN, secret: false, runs: 4, status: "done" },
  ...{ endedAt: AT + n * 600 + 60, endSeq: n * 10 + 5, score: 75, aborted: null },
  ...change,
});
const slower = { value: 900, ci_low: 800, ci_high: 1000, n: 12 };

let benchmarks: BenchmarkView[];
let results: Map<string, BenchResultClaims>;
let fails: boolean;
const ordered: { order: string; starts: { acp: string; start: string }[] }[] = [];
const cancelled: string[] = [];
const profile = benchProfile();
const NOW = {
  phase: "running",
  isHeld: false,
  done: 1,
  of: 3,
  timeouts: 1,
  wids: [uuid(70)],
  elapsedMs: 4000,
  leftMs: 800_000,
};
const client = {
  identity: {
    describe: async () => ({
      ...{ trustDomain: "console.local", pepId: "spiffe://console.local/pep" },
      operators: [{ kid: "k", roles }],
    }),
  },
  workflow: {
    listRuns: async () => ({ runs: [{ digest: RUN, name: "Small <b>run</b>", tasks: 4, format: "wfformat" }] }),
    graph: async () => ({
      ...{ agents: [{ id: "builder", name: "Builder", kind: "program" }], actions: ["build_site", "deploy_site"] },
      ...{ ids: ["a", "b", "c", "d"], startMs: [0, 1000, 2000, 3000], durationMs: [1000, 1000, 1000, 1000] },
    }),
  },
  drill: {
    scripts: async () => ({
      place: "workers",
      scripts: [{ id: "one-lies", sizes: { min: 2, max: 12, usual: 4 }, limitS: 90, faults: [] }],
    }),
    prepare: async ({ wid, size }: { wid: string; size: number }) => ({
      ...{ wid, digest: RUN, pepId: "spiffe://console.local/pep", action: "drill_step" },
      agents: Array.from({ length: size }, (_, at) => ({
        agent: `spiffe://console.local/agent/${wid}/drill-${at + 1}`,
        delegatedBy: null,
      })),
    }),
  },
  benchmark: {
    list: async () => {
      if (fails)
        throw new ORPCError("UNAVAILABLE", {
          status: 503,
          data: { type: "t", title: "Unavailable", status: 503, code: "storage_busy", detail: "busy" },
        });
      return { position, benchmarks };
    },
    detail: async ({ order }: { order: string }) => {
      const benchmark = benchmarks.find((one) => one.order === order);
      const result = results.get(order) ?? null;
      const isRunning = benchmark?.status === "running";
      return {
        ...{ position, benchmark, profile, reason: "Before the release", wids: [], taskSet: TASK_SET, result },
        now: isRunning ? NOW : null,
      };
    },
    compare: async ({ order, before }: { order: string; before: string }) => {
      const [was, is] = [results.get(before), results.get(order)];
      if (was === undefined || is === undefined) throw new Error("no result");
      const changes = regression(was, is, profile.targets);
      return changes.ok
        ? { position, problem: null, changes: changes.value }
        : { position, problem: changes.error, changes: [] };
    },
    order: async (given: { order: string; starts: { acp: string; start: string }[] }) => {
      ordered.push(given);
      return { order: uuid(9), seq: 99 };
    },
    cancel: async ({ order }: { order: string }) => {
      cancelled.push(order);
      return { order };
    },
  },
} as unknown as SignalboxClient; // The client's type is a proxy's, which a plain object never is.

let url: BehaviorSearch;
let roles: string[];
function Bench({ first, frozen }: { readonly first: BehaviorSearch; readonly frozen: Frozen | null }) {
  const [search, setSearch] = useState<BehaviorSearch>(first);
  const set = useCallback((patch: Partial<BehaviorSearch>) => setSearch((before) => ({ ...before, ...patch })), []);
  url = search;
  return (
    <FrozenProvider value={frozen}>
      <BenchmarksView search={search} setSearch={set} />
    </FrozenProvider>
  );
}

async function show(first: BehaviorSearch = {}, frozen: Frozen | null = null) {
  const session = await signedIn(client, {
    ...{ subject: ALICE, name: "Alice" },
    ...{ logId: "spiffe://console.local/log", pepId: "spiffe://console.local/pep" },
  });
  await session.checkEnrolled();
  return renderSignedIn(client, session, <Bench first={first} frozen={frozen} />);
}

beforeEach(() => {
  fails = false;
  roles = ["operator"];
  for (const list of [ordered, cancelled]) list.length = 0;
  const declared = { machine: "laptop" };
  benchmarks = [
    bench(4, { status: "aborted", score: null, aborted: { reason: "timeouts", detail: "2 of 3 runs took too long" } }),
    bench(3, { score: 60 }),
    bench(2),
    bench(1),
  ];
  results = new Map([
    [
      uuid(3),
      benchResult({
        results: { ...benchResult().results, latency_p95_ms: slower },
        score: 60,
        deviations: ["1 of 3 runs was late"],
      }),
    ],
    [uuid(2), benchResult()],
    [uuid(1), benchResult({ environment: declared })],
  ]);
});
afterEach(cleanup);

describe("the benchmarks", () => {
  it("[BEH-15] [BEH-50] shows a result with its intervals, environment and deviations, and holds it against others that are comparable only", async () => {
    await show();
    const measured = await screen.findByRole("table", { name: "What was measured" });
    expect(
      within(measured).getByRole("row", {
        name: /^Duration, 95th percentile 900 ms 800 ms to 1 s 12 100 ms, 1.1 s 10.0 of 50.0$/,
      }),
    ).toBeVisible();
    expect(screen.getByRole("heading", { name: "small-run, version 1: 60.0 of 100" })).toBeVisible();
    expect(screen.getByText("1 of 3 runs was late")).toBeVisible();
    // Its score follows; it names one run where three were ordered.
    expect(await screen.findByText("Recomputed here, it does not hold:")).toBeVisible();
    expect(screen.getByText("it names more or fewer runs than were ordered")).toBeVisible();
    expect(screen.getByText("Cores").nextElementSibling).toHaveTextContent("8");
    const user = userEvent.setup();
    const boxes = screen.getAllByRole("checkbox", { name: /^Compare with small-run, version 1/ });
    // Neither itself nor one without a result.
    expect(boxes).toHaveLength(2);
    for (const box of boxes) await user.click(box);
    const verdicts = await screen.findByRole("list", { name: "Whether they can be compared" });
    await waitFor(() => expect(verdicts).toHaveTextContent("worse than it: Duration, 95th percentile"));
    await waitFor(() =>
      expect(verdicts).toHaveTextContent('not comparablethe environments differ: host.cores is not stated and "8"'),
    );
    const comparison = screen.getByRole("table", { name: "Comparison" });
    // This one and the one that is comparable, for each of the two metrics; nothing is drawn of the other.
    expect(within(comparison).getAllByRole("row")).toHaveLength(5);
    expect(
      within(comparison).getByRole("row", { name: /600 ms 500 ms to 700 ms worse \+300 ms \(\+159 ms to \+441 ms\)$/ }),
    ).toBeVisible();
    expect(comparison.querySelectorAll("svg[width='160']")).toHaveLength(4);
    await waitFor(() => expect(url.against).toBe(`${uuid(2)},${uuid(1)}`));
    cleanup();
    // Held the other way round, the earlier result is the better one: nothing is said to have become so since.
    benchmarks = benchmarks.map((one) =>
      one.order === uuid(3) ? { ...one, subject: "spiffe://console.local/agent/builder" } : one,
    );
    await show({ result: uuid(2), against: uuid(3) });
    const told = await screen.findByRole("list", { name: "Whether they can be compared" });
    await waitFor(() => expect(told).toHaveTextContent("better than it: Duration, 95th percentile"));
    // Whose result it is stands with it.
    expect(told).toHaveTextContent(/^small-run 1, builder, /);
  });

  it("[BEH-15] [BEH-16] [BEH-S5] signs an order with digest, seed and every run in its seeded order, each start marked", async () => {
    benchmarks = [];
    await show();
    const user = userEvent.setup();
    const form = await screen.findByRole("form", { name: "Order a benchmark" });
    expect(screen.getByText("No benchmark has been run in this log yet. Order one below.")).toBeVisible();
    await user.click(within(form).getByRole("button", { name: "Sign and run the benchmark" }));
    expect(await within(form).findByText("Choose at least one run")).toBeVisible();
    expect(ordered).toHaveLength(0);
    await user.click(within(form).getByRole("checkbox", { name: "Small <b>run</b>, 4 tasks" }));
    await user.selectOptions(await within(form).findByLabelText("Ask a human before"), "deploy_site");
    const repetitions = within(form).getByLabelText("Repetitions of each run");
    await user.clear(repetitions);
    await user.type(repetitions, "2");
    expect(within(form).getByText("A whole number from 3 to 50")).toBeVisible();
    await user.clear(repetitions);
    await user.type(repetitions, "3");
    await user.type(within(form).getByLabelText("Why"), "Before the release");
    await user.click(within(form).getByRole("checkbox", { name: /^Keep the tasks secret/ }));
    await user.click(within(form).getByRole("button", { name: "Sign and run the benchmark" }));
    await expect.poll(() => ordered).toHaveLength(1);
    const [given] = ordered;
    const order = benchOrderClaimsSchema.parse(decodeJwt(given?.order ?? ""));
    expect(order).toMatchObject({ iss: ALICE, role: "operator", subject: "spiffe://console.local/agents" });
    expect(order.profile).toMatchObject({
      ...{ bench_id: "small-b-run-b", version: 1, repetitions: 3, warmup: 1, seed: 1, gated_actions: ["deploy_site"] },
      // As recorded, 1,000 ms at 100 times the speed, and ten times that and 100 ms.
      targets: { latency_p95_ms: { goal: 10, worst: 200 } },
      task_set: { count: 4, secret: true },
    });
    expect(order.task_set).toBeUndefined();
    expect(given?.starts.map(({ start }) => decodeJwt(start).wid)).toEqual(order.wids);
    for (const { acp, start } of given?.starts ?? []) {
      expect(decodeJwt(start).ect_ext).toMatchObject({ bench_id: "small-b-run-b", obj_hash: RUN });
      const policy = acpClaimsSchema.parse(decodeJwt(acp));
      expect(policy.hitl.rules).toMatchObject([{ trigger: { kind: "action", patterns: ["deploy_site"] } }]);
    }
    await waitFor(() => expect(url.result).toBe(uuid(9)));
  });

  it("[BEH-15] [BEH-51] [OVR-25] orders a drill that a person has to stop each time, marked as drill and as benchmark", async () => {
    benchmarks = [];
    await show();
    const user = userEvent.setup();
    const form = await screen.findByRole("form", { name: "Order a benchmark" });
    await user.click(within(form).getByRole("radio", { name: "A drill that you stop" }));
    expect(within(form).getByText(/Your part, each time: stop all of its agents/)).toBeVisible();
    await user.clear(within(form).getByLabelText("Agents (2 to 12)"));
    await user.type(within(form).getByLabelText("Agents (2 to 12)"), "3");
    await user.type(within(form).getByLabelText("Why"), "Before the shift");
    await user.click(within(form).getByRole("button", { name: "Sign and run the benchmark" }));
    await expect.poll(() => ordered).toHaveLength(1);
    const order = benchOrderClaimsSchema.parse(decodeJwt(ordered[0]?.order ?? ""));
    expect(order.task_set).toEqual({ items: [{ run: RUN, drill: { script: "one-lies", size: 3 } }] });
    expect(order.profile).toMatchObject({
      ...{ bench_id: "stop-one-lies", repetitions: 3, warmup: 0, playback: 1, timeout_ms: 150_000 },
      weights: { accuracy: 0.5, override_latency_ms: 0.5 },
      task_set: { count: 1 },
    });
    const marks = ordered[0]?.starts.map(({ start }) => decodeJwt(start).ect_ext);
    expect(marks).toHaveLength(3);
    for (const mark of marks ?? [])
      expect(mark).toMatchObject({
        bench_id: "stop-one-lies",
        "org.signalbox.drill": { script: "one-lies", size: 3, again_days: 7 },
      });
  });

  it("[BEH-15] says how far one is that runs and calls it off, and why another has no result", async () => {
    benchmarks = [bench(5, { status: "running", score: null, endSeq: null, endedAt: null }), ...benchmarks];
    await show({ result: uuid(4) });
    const running = await screen.findByRole("region", { name: "Running: small-run, version 1" });
    expect(await within(running).findByRole("progressbar", { name: "Measuring" })).toHaveAttribute(
      "aria-valuetext",
      "1 of 3 measured runs over",
    );
    expect(await screen.findByText(/^Too many runs took too long/)).toHaveTextContent("2 of 3 runs took too long");
    await userEvent.setup().click(within(running).getByRole("button", { name: "Call it off, without a result" }));
    await expect.poll(() => cancelled).toEqual([uuid(5)]);
    expect(await screen.findByRole("button", { name: "Sign and run it again" })).toBeDisabled();
  });

  it("[L1] [L2] [COM-18] is honest where it could not be read, is of the past, or one may not", async () => {
    fails = true;
    const queries = await show();
    expect(await screen.findByRole("alert")).toHaveTextContent("storage_busy");
    fails = false;
    await act(() => queries.invalidateQueries());
    expect(await screen.findByRole("table", { name: "What was measured" })).toBeVisible();
    fails = true;
    await act(() => queries.invalidateQueries());
    expect(await screen.findByText("Not current: newer facts may exist.")).toBeVisible();
    cleanup();
    fails = false;
    await show({}, { nowMs: AT * 1000, why: "this is the past.", search: {} });
    expect(await screen.findByText("No benchmark can be ordered here: this is the past.")).toBeVisible();
    expect(screen.queryByRole("button", { name: /^Sign/ })).toBeNull();
    cleanup();
    roles = ["approver"];
    await show();
    expect(await screen.findByText(/^You cannot order a benchmark: it needs the role operator/)).toBeVisible();
    expect(screen.queryByRole("button", { name: /^Sign/ })).toBeNull();
  });
});
