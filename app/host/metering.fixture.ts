import { v4 } from "uuid";
import { type enrolledOperator, smallRun, type TestClient, until } from "../api/dispatch/operator.fixture.ts";
import type { TariffBody } from "../protocol/audit/accounting/tariff.ts";
import { tariffHash } from "../protocol/audit/accounting/tariff.ts";
import { createSha256 } from "../protocol/jose/hasher.ts";
import { signToken } from "../protocol/jose/sign-token.ts";
import type { RecordedRun } from "../protocol/run/recorded-run.ts";

export type Operator = Awaited<ReturnType<typeof enrolledOperator>>;

/** A chain of builds of which each asked a model, with the tokens of `counts`, and lasted two seconds. */
export function modelRun(counts: readonly (readonly [input: number, output: number])[]): RecordedRun {
  const run = smallRun("Model run", counts.length);
  return {
    ...run,
    agents: run.agents.filter(({ id }) => id === "builder"),
    tasks: run.tasks
      .filter(({ action }) => action !== "deploy_site")
      .map((task, at) => ({
        ...task,
        durationMs: 2000,
        args: { model: "model-a" },
        usage: { inputTokens: counts[at]?.[0] ?? null, outputTokens: counts[at]?.[1] ?? null, cost: null },
      })),
  };
}

/** Resolves when so many usage records are in the log. */
export const metered = (client: TestClient, count: number, wid?: string) =>
  until(client, async () => {
    const found = await client.accounting.records({ limit: 200, ...(wid === undefined ? {} : { wid }) });
    return found.total >= count ? found : null;
  });

const nowS = (): number => Math.floor(Date.now() / 1000);

/** Signs what finance signs. */
export async function financeToken(
  client: TestClient,
  operator: Operator,
  typ: string,
  claims: object,
): Promise<string> {
  const { pepId } = await client.identity.describe();
  return signToken(
    typ,
    {
      iss: operator.subject,
      aud: [pepId],
      iat: nowS(),
      exp: nowS() + 120,
      jti: v4(),
      role: "finance",
      reason: "test",
      auth_time: nowS(),
      amr: ["swk", "user"],
      ...claims,
    },
    operator.signer,
  );
}

export const tokensTariff: TariffBody = {
  ...{ tariff_id: "t-2026", version: 1, currency: "EUR", valid_from: 0 },
  lines: [
    { resource: "llm_input_token", unit: "token", price: "0.000003", rounding: "half_even", scale: 6 },
    { resource: "llm_output_token", unit: "token", price: "0.000015", rounding: "half_even", scale: 6 },
  ],
};

export async function setTariff(
  client: TestClient,
  operator: Operator,
  payer: string,
  wids?: readonly string[],
  change: Partial<TariffBody> = {},
) {
  const body = { ...tokensTariff, ...change };
  const tariff = { ...body, hash: tariffHash(body, await createSha256()) };
  const account = { payer, ...(wids === undefined ? {} : { wids }) };
  return client.accounting.setTariff({
    token: await financeToken(client, operator, "tariff+jwt", { tariff, account }),
  });
}
