import { safe } from "@orpc/client";
import { createRouterClient } from "@orpc/server";
import { describe, expect, it } from "vitest";
import { enrolledOperator } from "../api/dispatch/operator.fixture.ts";
import { router } from "../api/dispatch/router.ts";
import type { Storage } from "../engine/ports.ts";
import { createMemoryStorage } from "../storage/memory/memory-storage.ts";
import { openedHost } from "./host.fixture.ts";
import { trustDomainFor } from "./name-trust-domain.ts";
import { keptTrustDomain } from "./trust-domain.ts";

/** A host that may be named, as often as it is opened over its storage. */
async function opened(storage: Storage = createMemoryStorage()) {
  const kept = await keptTrustDomain(storage);
  const trustDomain = kept.ok ? kept.value : "unknown";
  let renamings = 0;
  const { host } = await openedHost({
    ...{ storage, trustDomain },
    renamed: async () => {
      renamings += 1;
    },
  });
  return {
    ...{ storage, host, renamings: () => renamings },
    client: createRouterClient(router, { context: { host } }),
  };
}

const refusalOf = ({ error }: { readonly error: unknown }) => (error as { data?: object } | null)?.data;

describe("the name of a console's own domain", () => {
  it("[XDA-49] is chosen before anybody has written to the log, and is in every id from then on", async () => {
    const first = await opened();
    expect(await first.client.identity.describe()).toMatchObject({
      trustDomain: "console.local",
      trustDomainFixed: null,
    });
    await first.client.identity.nameDomain({ trustDomain: "ops.example" });
    expect(first.renamings()).toBe(1);
    // The log of the old name takes nothing more, and is called sound.
    const late = await safe(enrolledOperator(first.client));
    expect(refusalOf(late)).toMatchObject({ status: 503, detail: expect.stringContaining("log_renamed") });
    expect((await first.client.host.status()).integrity.state).not.toBe("broken");

    const again = await opened(first.storage);
    const alice = await enrolledOperator(again.client);
    expect(alice.subject).toMatch(/^spiffe:\/\/ops\.example\/human\//);
    expect(again.host.engine.ids).toEqual({
      domain: "ops.example",
      logId: "spiffe://ops.example/log",
      pepId: "spiffe://ops.example/pep",
    });
    const described = await again.client.identity.describe();
    expect(described.trustDomainFixed).toMatch(/a log keeps its name/);
    const refused = await safe(again.client.identity.nameDomain({ trustDomain: "other.example" }));
    expect(refusalOf(refused)).toMatchObject({ status: 409, code: "domain_fixed", detail: described.trustDomainFixed });
    // The same name again is what there is already.
    expect(await again.client.identity.nameDomain({ trustDomain: "ops.example" })).toEqual({
      trustDomain: "ops.example",
    });
    expect(await keptTrustDomain(first.storage)).toEqual({ ok: true, value: "ops.example" });
    first.host.close();
    again.host.close();
  });

  it("[XDA-49] takes no name that could not stand in an id", async () => {
    const { client, host, renamings } = await opened();
    const refused = await safe(client.identity.nameDomain({ trustDomain: "Ops example" }));
    expect(refusalOf(refused)).toMatchObject({ status: 400, code: "domain_name_malformed" });
    expect(renamings()).toBe(0);
    await enrolledOperator(client);
    host.close();
  });

  it("[XDA-49] stays what it was where somebody wrote to the log between the choice and its taking effect", async () => {
    const storage = createMemoryStorage();
    let meanwhile = async (): Promise<unknown> => undefined;
    const values = {
      ...storage.values,
      put: async (key: string, value: unknown) => {
        const put = await storage.values.put(key, value);
        if (key === "host/trust-domain") await meanwhile();
        return put;
      },
    };
    const { client, host, renamings } = await opened({ ...storage, values });
    meanwhile = () => enrolledOperator(client);
    const refused = await safe(client.identity.nameDomain({ trustDomain: "ops.example" }));
    expect(refusalOf(refused)).toMatchObject({ code: "domain_fixed" });
    expect(renamings()).toBe(0);
    expect(await keptTrustDomain(storage)).toEqual({ ok: true, value: "console.local" });
    await enrolledOperator(client, "Bob");
    host.close();
  });

  it("[XDA-49] stays what it was where it cannot be kept, and the log goes on", async () => {
    const storage = createMemoryStorage();
    const values = {
      ...storage.values,
      put: async (key: string, value: unknown) =>
        key === "host/trust-domain"
          ? { ok: false as const, error: { code: "storage_full" as const, retry: true, detail: "no room" } }
          : storage.values.put(key, value),
    };
    const { client, host } = await opened({ ...storage, values });
    const refused = await safe(client.identity.nameDomain({ trustDomain: "ops.example" }));
    expect(refusalOf(refused)).toMatchObject({ status: 503, code: "storage_full" });
    await enrolledOperator(client);
    host.close();
  });

  it("[XDA-49] is the one that somebody was told it is, where two choose at once", async () => {
    const { client, host, storage, renamings } = await opened();
    const names = ["ops.example", "other.example"];
    const told = await Promise.all(names.map((trustDomain) => safe(client.identity.nameDomain({ trustDomain }))));
    expect(renamings()).toBe(1);
    const taken = told.flatMap(({ data }) => data?.trustDomain ?? []);
    expect(taken).toHaveLength(1);
    expect(await keptTrustDomain(storage)).toEqual({ ok: true, value: taken[0] });
    host.close();
  });

  it("[XDA-49] stays what it was where the log is damaged: another one would hide that", async () => {
    const { client, host, storage, renamings } = await opened();
    host.engine.breakOff({ seq: 1, code: "log_truncated", detail: "entries are missing" });
    expect((await client.identity.describe()).trustDomainFixed).toMatch(/damaged at entry 1/);
    const refused = await safe(client.identity.nameDomain({ trustDomain: "ops.example" }));
    expect(refusalOf(refused)).toMatchObject({ status: 503, detail: expect.stringContaining("log_truncated") });
    expect(renamings()).toBe(0);
    expect(await keptTrustDomain(storage)).toEqual({ ok: true, value: "console.local" });
    host.close();
  });

  it("[XDA-49] is asked for from outside only as long as no log is there", async () => {
    const storage = createMemoryStorage();
    expect(await trustDomainFor(storage, "Ops")).toMatchObject({ error: { code: "domain_name_malformed" } });
    expect(await trustDomainFor(storage, "ops.example")).toEqual({ ok: true, value: "ops.example" });
    expect(await trustDomainFor(storage, undefined)).toEqual({ ok: true, value: "ops.example" });
    const { client, host } = await opened(storage);
    await enrolledOperator(client);
    host.close();
    expect(await trustDomainFor(storage, "ops.example")).toEqual({ ok: true, value: "ops.example" });
    expect(await trustDomainFor(storage, "other.example")).toMatchObject({ error: { code: "domain_fixed" } });
  });
});
