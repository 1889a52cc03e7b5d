import { ok, type Result } from "../../base/result.ts";
import type { Engine, SubmitError } from "../../engine/engine.ts";
import { hostIds } from "../../engine/records.ts";
import { NO_TRAILS, type TrailPlaces } from "../../engine/rollback/trail-places.ts";
import type { RunStore } from "../run-store.ts";
import { domainsOfRun } from "./run-domains.ts";

/**
 * In whose logs a workflow's tasks have their trails, and to whom each is handed over (C4 step 6): by the run alone, so that
 * two people and the coordinator make the same plan of it.
 */
export async function undoPlaces(
  { engine, runs }: { readonly engine: Pick<Engine, "read" | "ids">; readonly runs: RunStore },
  wid: string,
): Promise<Result<TrailPlaces, SubmitError>> {
  const run = await engine.read((state) => state.workflows.get(wid)?.run);
  if (run === undefined) return ok(NO_TRAILS);
  const plan = await runs.plan(run);
  if (!plan.ok) return plan;
  const domains = domainsOfRun(plan.value, engine.ids.domain);
  if (domains === null) return ok(NO_TRAILS);
  const { jtis } = runs.jtis(wid, plan.value);
  const handedTo = new Map<number, Set<string>>();
  for (const { to, last } of domains.crossings.flat())
    for (const index of last) handedTo.set(index, (handedTo.get(index) ?? new Set()).add(hostIds(to).pepId));
  return ok(
    new Map(
      domains.of.flatMap((domain, index) =>
        domain === null
          ? []
          : [
              [
                jtis[index] ?? "",
                { gateway: hostIds(domain).pepId, handedTo: [...(handedTo.get(index) ?? [])].toSorted() },
              ] as const,
            ],
      ),
    ),
  );
}
