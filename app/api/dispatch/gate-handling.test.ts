import { v4 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openedHost } from "../../host/host.fixture.ts";
import type { HitlReviewClaims } from "../../protocol/acp/handling.ts";
import { signToken } from "../../protocol/jose/sign-token.ts";
import { enrolledOperator, smallRun, type TestClient, until } from "./operator.fixture.ts";

const nowS = (): number => Math.floor(Date.now() / 1000);

describe("what is told of a request besides its decisions", () => {
  let client: TestClient;
  let close: () => void;
  beforeAll(async () => {
    const opened = await openedHost();
    client = opened.client;
    close = () => opened.host.close();
  });
  afterAll(() => close());

  it("[D6] [ACP-42] [ACP-43] lists what one person approved alone until another one has reviewed it, whatever its state", async () => {
    const alice = await enrolledOperator(client);
    const ben = await enrolledOperator(client, "Ben");
    const due = async () => (await client.gate.queue({ review: "due" })).rows;
    const { wid } = await alice.start(smallRun("Alone"), {
      change: (policy) => ({
        ...policy,
        hitl: {
          ...policy.hitl,
          rules: policy.hitl.rules.map((rule) => ({ ...rule, approvals: 2, break_glass: true })),
        },
      }),
    });
    const row = await until(client, async () => (await client.gate.queue({ wid, state: "pending" })).rows[0] ?? null);
    expect(row).toMatchObject({ breakGlassAllowed: true, breakGlass: null, offersModify: false, grantable: false });
    expect(row.stopClass).toBe(false);
    expect(await due()).toEqual([]);
    await ben.decide(row.request, "approve", { break_glass: true, reason: "the site is down" });
    const [alone] = await due();
    expect(alone).toMatchObject({
      request: row.request,
      breakGlass: { by: ben.subject, reason: "the site is down", overdue: false, review: null },
    });
    expect(alone?.state).not.toBe("pending");
    expect((alone?.breakGlass?.dueAt ?? 0) - (alone?.breakGlass?.at ?? 0)).toBe(86_400);

    const { digest } = await client.gate.request({ request: row.request });
    const { logId } = await client.identity.describe();
    const claims: HitlReviewClaims = {
      ...{ iss: alice.subject, aud: logId, iat: nowS(), exp: nowS() + 120, jti: v4(), wid },
      request: { jti: row.request, hash: digest },
      decision: alone?.breakGlass?.decision ?? "",
      ...{ verdict: "not_justified", reason: "I was there", role: "safety_officer" },
      ...{ auth_time: nowS(), amr: ["swk", "user"] },
    };
    await client.gate.review({ token: await signToken("hitl-review+jwt", claims, alice.signer) });
    expect(await due()).toEqual([]);
    const { rows } = await client.gate.queue({ wid });
    expect(rows[0]?.breakGlass?.review).toMatchObject({
      by: alice.subject,
      verdict: "not_justified",
      reason: "I was there",
    });
  });
});
