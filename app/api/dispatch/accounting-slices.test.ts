import { expect, it } from "vitest";
import type { Clock } from "../../base/ports.ts";
import { drained } from "../../base/steps.ts";
import { systemClock } from "../../base/system.ts";
import { openedHost } from "../../host/host.fixture.ts";
import type { Host } from "../../host/open-host.ts";
import { EXAMPLE_TARIFF, recordOf } from "../../protocol/audit/accounting/accounting.fixture.ts";
import { focusRows } from "../../protocol/audit/accounting/focus-export.ts";
import { focusCsv, focusJson } from "../../protocol/audit/accounting/focus-file.ts";
import { RECORDS_A_STEP, recompute, recomputing } from "../../protocol/audit/accounting/statement.ts";
import { createSha256 } from "../../protocol/jose/hasher.ts";
import { ROWS_A_STEP, writtenFocus } from "./accounting-focus.ts";
import { recomputedFor } from "./accounting-ledger.ts";
import { enrolledOperator } from "./operator.fixture.ts";

const PAYER = "partner.example";
const RECORDS = 3 * RECORDS_A_STEP + 1;
const tariffs = new Map([[EXAMPLE_TARIFF.hash, EXAMPLE_TARIFF]]);

/** A clock whose turns wait until they are let go, once it is told to. */
function heldClock() {
  const waiting: (() => void)[] = [];
  let isHeld = false;
  const clock: Clock = {
    ...systemClock,
    after: (delayMs, callback) => {
      if (delayMs > 0 || !isHeld) return systemClock.after(delayMs, callback);
      waiting.push(callback);
      return () => undefined;
    },
  };
  const hold = (held: boolean): void => {
    isHeld = held;
  };
  return { clock, hold, waiting };
}

/** Puts records into the state as if they had been metered: so many are made by no run that a test can wait for. */
const seed = ({ engine }: Host, from: number, to: number): Promise<void> =>
  engine.read(({ accounting }) => {
    if (accounting.tariffs.length === 0)
      accounting.tariffs.push({ tariff: EXAMPLE_TARIFF, account: { payer: PAYER }, by: "", at: 0, seq: 0, reason: "" });
    for (let n = from; n < to; n += 1) {
      const record = { ...recordOf(n), payer: PAYER };
      accounting.records.set(record.jti, {
        ...record,
        entry: n,
        at: n,
        execAct: "chat",
        doneBy: null,
        overLimit: false,
      });
    }
  });

it("[XDA-48] [XDA-22] [S5] while a long ledger is added up, a stop and other requests are answered", async () => {
  const { clock, hold, waiting } = heldClock();
  const { host, client } = await openedHost({ clock });
  const alice = await enrolledOperator(client);
  await seed(host, 0, RECORDS);
  const about = { payer: PAYER, currency: EXAMPLE_TARIFF.currency, from: 0, to: Math.floor(Date.now() / 1000) };
  hold(true);
  let isDrafted = false;
  const drafted = client.accounting.draft(about).then((draft) => {
    isDrafted = true;
    return draft;
  });
  await expect.poll(() => waiting.length).toBeGreaterThan(0);
  // The computation waits for its turn, which this test has: whatever is answered now was not behind it.
  const stop = await client.override.signal({
    token: await alice.signal("stop", { kind: "domain", id: "console.local" }),
  });
  expect(stop.recorded).toBe(true);
  expect((await client.accounting.settlements()).settlements).toEqual([]);
  expect(isDrafted).toBe(false);
  hold(false);
  for (const turn of waiting.splice(0)) turn();
  expect((await drafted).figures.count).toBe(RECORDS);
  host.close();
});

it("[XDA-48] a computation in steps looks at so many records between two of them, and comes to the same", async () => {
  const sha256 = await createSha256();
  const records = Array.from({ length: RECORDS }, (_, n) => recordOf(n));
  const steps = recomputing(records, tariffs, sha256);
  let count = 0;
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) count += 1;
  expect(count).toBeGreaterThanOrEqual(2 * Math.ceil(RECORDS / RECORDS_A_STEP));
  expect(step.value).toEqual(recompute(records, tariffs, sha256));
});

it("[XDA-48] what was added up once is added up again only where a record came that is about the same", async () => {
  let hashed = 0;
  const real = await createSha256();
  const sha256: typeof real = (bytes) => {
    hashed += 1;
    return real(bytes);
  };
  const { host } = await openedHost({ sha256 });
  await seed(host, 0, 10);
  const about = {
    payee: "console.local",
    payer: PAYER,
    currency: EXAMPLE_TARIFF.currency,
    period: { from: 0, to: 4e9 },
  };
  const first = await recomputedFor(host, about);
  hashed = 0;
  await host.engine.read(({ accounting }) => {
    const other = { ...recordOf(20), payer: "other.example" };
    accounting.records.set(other.jti, { ...other, entry: 20, at: 20, execAct: "chat", doneBy: null, overLimit: false });
  });
  expect(await recomputedFor(host, about)).toBe(first);
  expect(hashed).toBe(0);
  await seed(host, 10, 11);
  expect((await recomputedFor(host, about))?.count).toBe(11);
  expect(hashed).toBeGreaterThan(0);
  host.close();
});

it("[XDA-48] [XDA-22] [S5] while charges are written as a file, a stop is answered", async () => {
  const { clock, hold, waiting } = heldClock();
  const { host, client } = await openedHost({ clock });
  const alice = await enrolledOperator(client);
  await seed(host, 0, 3);
  hold(true);
  let isWritten = false;
  const written = client.accounting.focus({ format: "csv", payer: PAYER }).then((file) => {
    isWritten = true;
    return file;
  });
  await expect.poll(() => waiting.length).toBeGreaterThan(0);
  const everything = { kind: "domain", id: "console.local" };
  expect((await client.override.signal({ token: await alice.signal("stop", everything) })).recorded).toBe(true);
  expect(isWritten).toBe(false);
  hold(false);
  for (const turn of waiting.splice(0)) turn();
  expect(await written).toMatchObject({ rows: 3, unpriced: 0, problems: [] });
  host.close();
});

it.each(["csv", "json"] as const)(
  "[XDA-47] [XDA-48] a %s file that is written and read again in steps is the same one, and each problem is told at its place",
  (format) => {
    const records = Array.from({ length: 2 * ROWS_A_STEP + 5 }, (_, n) => recordOf(n));
    const { rows } = focusRows({ records, tariffs, payee: "ops.example", settlementOf: () => null });
    const whole = format === "csv" ? focusCsv : focusJson;
    for (const some of [rows, rows.slice(0, ROWS_A_STEP), rows.slice(0, 1), []])
      expect(drained(writtenFocus(some, format))).toEqual({ text: whole(some), problems: [] });
    const bad = rows.map((row, at) => (at === ROWS_A_STEP + 2 ? { ...row, BillingCurrency: "euro" } : row));
    expect(drained(writtenFocus(bad, format)).problems).toMatchObject([
      { row: ROWS_A_STEP + 3, column: "BillingCurrency" },
    ]);
  },
);
