import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import { ApiProvider } from "../../../api/client/api-context.tsx";
import type { SignalboxClient } from "../../../api/client/client.ts";
import { createConnectionStore } from "../../../api/client/connection.ts";
import { EFFECT_ATTRIBUTE, MAX_ACTING_TASKS } from "../../../protocol/run/run-effect.ts";
import { runGraphOf } from "../graph/graph.fixture.ts";
import { taskGraph } from "../graph/task-graph.ts";
import { ActsField } from "./acts-field.tsx";
import { useActs } from "./use-acts.ts";

afterEach(cleanup);

function Bench({ tasks, isFirst }: { readonly tasks: number; readonly isFirst: boolean }) {
  const all = Array.from({ length: tasks }, (_, index) => ({ name: `task ${index}`, action: "work", agent: 0 }));
  const acts = useActs(taskGraph(runGraphOf(all, [])), isFirst);
  return (
    <>
      <ActsField acts={acts} />
      <output>{String(acts.isOn)}</output>
    </>
  );
}

function show(attributes: object | Error, tasks = 2, isFirst = true): void {
  const client = {
    workflow: { runTask: async () => (attributes instanceof Error ? Promise.reject(attributes) : { attributes }) },
    // The client's type is a proxy's, which a plain object never is.
  } as unknown as SignalboxClient;
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={queries}>
      <ApiProvider client={client} control={client} connection={createConnectionStore(0)}>
        <Bench tasks={tasks} isFirst={isFirst} />
      </ApiProvider>
    </QueryClientProvider>,
  );
}

const said = () => screen.getByRole("status").textContent;

describe("whether the agents of a start act", () => {
  it("[CAS-30] is suggested where the run was written for it, and somebody may say otherwise", async () => {
    show({ [EFFECT_ATTRIBUTE]: { deeds: [] } });
    const box = screen.getByRole("checkbox", { name: /act on simulated resources/ });
    await expect.poll(said).toBe("true");
    expect(box).toBeChecked();
    await userEvent.click(box);
    expect(said()).toBe("false");
  });

  it("[CAS-30] is not suggested for a recording, nor where the run could not be read", async () => {
    show({ machine: "m1" });
    await expect.poll(said).toBe("false");
    cleanup();
    show(new TypeError("the host does not answer"));
    await expect.poll(said).toBe("false");
  });

  it("[CAS-30] is not asked of a run that is too large, nor of one that goes on", () => {
    show({}, MAX_ACTING_TASKS + 1);
    expect(screen.queryByRole("checkbox")).toBeNull();
    expect(said()).toBe("false");
    cleanup();
    show({ [EFFECT_ATTRIBUTE]: {} }, 2, false);
    expect(screen.queryByRole("checkbox")).toBeNull();
    expect(said()).toBe("false");
  });
});
