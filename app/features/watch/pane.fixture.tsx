import { screen, within } from "@testing-library/react";
import { TASK_STATES, type TaskState } from "../../api/contract/task-state.ts";
import type { RunGraph } from "../../api/contract/workflow.ts";
import { generateSigner } from "../../protocol/jose/keys.ts";
import { Toasts } from "../../ui/toast.tsx";
import { runGraphOf } from "./graph/graph.fixture.ts";
import { type FakeHost, InMemory, renderWith, type SecondKey, type Url, WID } from "./watch.fixture.tsx";
import { WatchPane } from "./watch-pane.tsx";
import type { WatchSearch } from "./watch-search.ts";

/** What places things, since tests run without the build's style sheet. */
const PLACING = `.absolute{position:absolute}.relative{position:relative}.inset-0{inset:0}.flex{display:flex}.flex-col{flex-direction:column}
.flex-1{flex:1}.min-h-0{min-height:0}.min-w-0{min-width:0}.h-full{height:100%}.w-full{width:100%}.overflow-auto{overflow:auto}
.sr-only{position:absolute;width:1px;height:1px;overflow:hidden}.top-0{top:0}.inset-x-0{left:0;right:0}.grid{display:grid}`;

/** The pane as the console shows it, with an operator signed in; returns its link. */
export async function openPane(host: FakeHost, search: WatchSearch = { wid: WID }, second?: SecondKey) {
  const url: Url = { search };
  const { signer } = await generateSigner();
  const { refetch } = renderWith(
    host,
    signer,
    <div className="flex flex-col" style={{ width: 1200, height: 760 }}>
      <style>{PLACING}</style>
      <InMemory url={url}>{(now, set) => <WatchPane search={now} setSearch={set} />}</InMemory>
      <Toasts />
    </div>,
    second,
  );
  return Object.assign(url, { refetch });
}

export const grid = () => screen.findByRole("grid");
const nameOf = (row: HTMLElement): string => within(row).getAllByRole("gridcell")[2]?.textContent ?? "";
/** Rows below the header, as they stand on screen. */
export const shownNames = async (): Promise<string[]> =>
  within(await grid())
    .getAllByRole("row")
    .slice(1)
    .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
    .map(nameOf);

/** Tasks in layers of a hundred, in every state. */
export function large(tasks: number): { run: RunGraph; states: TaskState[] } {
  return {
    run: runGraphOf(
      Array.from({ length: tasks }, (_, index) => ({ name: `task ${index}`, action: "work", agent: index % 4 })),
      Array.from({ length: tasks - 100 }, (_, index): [number, number, number] => [index % 100, index + 100, 0]),
    ),
    states: Array.from({ length: tasks }, (_, index) => TASK_STATES[index % 9] ?? "planned"),
  };
}
