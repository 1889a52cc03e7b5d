import { describe, expect, it } from "vitest";
import { enrolledOperator, until } from "../../api/dispatch/operator.fixture.ts";
import { must } from "../../base/assert.ts";
import { systemClock } from "../../base/system.ts";
import { acted } from "../acting.fixture.ts";
import { profileOf } from "./domain-profiles.ts";
import { besideOthers, trailOf } from "./domains.fixture.ts";
import { runAcross } from "./run-across.fixture.ts";

type Opened = Awaited<ReturnType<typeof besideOthers>>;

const flaggedIn = (open: Opened) =>
  until(open.client, async () => {
    const { rows } = await open.client.audit.entries({ action: "finding_flagged" });
    return rows.length > 0 ? rows : null;
  });

describe("a border", () => {
  const two = () =>
    runAcross([
      ["plan", "core.example", []],
      ["carry", "metro.example", ["plan"]],
    ]);
  const statusOf = async ({ host }: Opened, wid: string) =>
    host.engine.read((state) => [...(state.workflows.get(wid)?.tasks.values() ?? [])].map(({ status }) => status));

  it("[XDA-10] [XDA-30] lets nothing be done in a domain before its gateway has taken what it rests on", async () => {
    let reachable = true;
    const open = await besideOthers((log) => log === "metro.example" && !reachable);
    // Both domains are there; then one of them cannot write any more.
    await acted(open.client, two(), false);
    reachable = false;
    const bob = await enrolledOperator(open.client, "Bob");
    const { wid } = await bob.start(two(), { speed: 1000 });
    const announced = await until(open.client, async () => {
      const found = (await (await open.desk()).trails.trail(wid)).crossings[0];
      return found === undefined ? null : found;
    });
    expect([announced.state, announced.in]).toEqual(["announced", null]);
    expect(await statusOf(open, wid)).toEqual(["done"]);
    reachable = true;
    await until(open.client, async () => ((await statusOf(open, wid))[1] === "done" ? true : null));
    expect((await trailOf(open, wid)).crossings.map(({ state }) => state)).toEqual(["verified"]);
    open.host.close();
  });

  it("[S3] [S5] [XDA-30] holds nothing up that stops: what waited at a border when a stop came does nothing once it has come in", async () => {
    let reachable = true;
    const open = await besideOthers((log) => log === "metro.example" && !reachable);
    await acted(open.client, two(), false);
    reachable = false;
    const bob = await enrolledOperator(open.client, "Bob");
    const { wid } = await bob.start(two(), { speed: 1000 });
    await until(open.client, async () =>
      (await (await open.desk()).trails.trail(wid)).crossings.length === 1 ? true : null,
    );
    const stop = await bob.signal("stop", { kind: "workflow", id: wid });
    expect((await open.client.override.signal({ token: stop })).latchedAtMs).toEqual(expect.any(Number));
    reachable = true;
    await until(open.client, async () => {
      const [crossing] = (await trailOf(open, wid)).crossings;
      return crossing?.state === "verified" ? true : null;
    });
    const refused = await until(open.client, async () => {
      const { rows } = await open.client.audit.entries({ wid, action: "refused" });
      return rows[0] ?? null;
    });
    expect(refused.outcome).toBe("override_active");
    expect(await statusOf(open, wid)).toEqual(["done", "stopped"]);
    open.host.close();
  });

  it("[XDA-S1] [XDA-30] [XDA-32] tells in the log of a crossing that nobody took for 600 s by the host's clock, and refuses what rests on it", async () => {
    let ahead = 0;
    let reachable = true;
    const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + ahead };
    const open = await besideOthers((log) => log === "metro.example" && !reachable, { clock });
    await acted(open.client, two(), false);
    reachable = false;
    const bob = await enrolledOperator(open.client, "Bob");
    const { wid } = await bob.start(two(), { speed: 1000 });
    await until(open.client, async () =>
      (await (await open.desk()).trails.trail(wid)).crossings.length === 1 ? true : null,
    );
    ahead = 640_000;
    reachable = true;
    const [row] = await flaggedIn(open);
    expect(row?.outcome).toBe("crossing_dangling");
    const [crossing] = (await trailOf(open, wid)).crossings;
    expect([crossing?.state, crossing?.missing]).toEqual([
      "dangling",
      ["handoff_received", "countersign", "countersign_received", "in"],
    ]);
    const refused = await until(open.client, async () => {
      const { rows } = await open.client.audit.entries({ wid, action: "refused" });
      return rows[0] ?? null;
    });
    expect(refused.outcome).toBe("token_expired");
    open.host.close();
  });

  it("[XA-16] [XDA-8] [XDA-S2] keeps out what its regimes forbid: signed by the receiver, and the task is refused with that code", async () => {
    const personal = { ...profileOf("core.example").reg, data_classes: ["personal" as const] };
    const profile = (domain: string) =>
      domain === "core.example" ? { ...profileOf(domain), reg: personal } : profileOf(domain);
    const open = await besideOthers(undefined, { domains: { profile } });
    const { wid, counts } = await acted(open.client, two(), false);
    expect(counts).toMatchObject({ done: 1, refused: 1 });
    const [crossing] = (await trailOf(open, wid)).crossings;
    expect([crossing?.state, crossing?.code, crossing?.in]).toEqual(["refused", "xd_transfer_forbidden", null]);
    const metro = await until(open.client, async () => {
      const { rows } = await open.client.audit.entries({ domain: "metro.example", outcome: "denied" });
      return rows[0] ?? null;
    });
    expect([metro.action, metro.wid]).toEqual(["build_site", wid]);
    expect((await open.client.audit.entries({ wid, action: "refused" })).rows[0]?.outcome).toBe(
      "xd_transfer_forbidden",
    );
    expect((await flaggedIn(open))[0]?.outcome).toBe("xd_transfer_forbidden");
    open.host.close();
  });

  it("[XDA-8] lets nothing leave a domain whose regime forbids it, not even a digest", async () => {
    const kept = { ...profileOf("core.example").reg, transfer: "forbidden" as const };
    const profile = (domain: string) =>
      domain === "core.example" ? { ...profileOf(domain), reg: kept } : profileOf(domain);
    const open = await besideOthers(undefined, { domains: { profile } });
    const { wid, counts } = await acted(open.client, two(), false);
    expect(counts).toMatchObject({ done: 1, refused: 1 });
    const { hosts } = await open.desk();
    expect(hosts.get("core.example")?.ledger.segment(wid).handoffs).toEqual([]);
    const metro = await until(open.client, async () => {
      const segment = must(hosts.get("metro.example"), "metro").ledger.segment(wid);
      return segment.entries.length > 0 ? segment : null;
    });
    expect([metro.handoffs, metro.entries.map(({ outcome, pred }) => [outcome, pred])]).toEqual([[], [["denied", []]]]);
    open.host.close();
  });

  it("[COM-19] [XDA-34] hears another domain's gateway at the border and nowhere else", async () => {
    const open = await besideOthers();
    await acted(open.client, two(), false);
    const { hosts } = await open.desk();
    const core = must(hosts.get("core.example"), "core").host.engine;
    const metro = must(hosts.get("metro.example"), "metro").host.engine;
    const now = Math.floor(Date.now() / 1000);
    const ect = {
      iss: metro.ids.pepId,
      aud: [core.ids.pepId],
      iat: now,
      exp: now + 60,
      jti: "0195400c-0000-7000-8000-0000000000aa",
      exec_act: "work",
      pred: [],
    };
    const received = await core.receive(await metro.signAsPep("exec+jwt", ect));
    const taken = received.ok ? await core.submit({ kind: "token", ...received.value }) : received;
    expect(taken).toMatchObject({ ok: false, error: { code: "token_key_restricted" } });
    open.host.close();
  });
});
