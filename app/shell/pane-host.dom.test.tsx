import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  RouterProvider,
} from "@tanstack/react-router";
import { act, cleanup, render, screen } from "@testing-library/react";
import { Waypoints } from "lucide-react";
import { afterEach, expect, it } from "vitest";
import * as z from "zod/mini";
import { PaneHost } from "./pane-host.tsx";
import type { PaneEntry, PaneProps } from "./panes.ts";
import type { SearchPatch } from "./parse-search.ts";

afterEach(cleanup);

/** What the pane on screen was given last. */
let patch = (_: SearchPatch): void => undefined;

function Here({ setSearch }: PaneProps<SearchPatch>) {
  patch = setSearch;
  return <p>here</p>;
}

it("a pane that is being left changes nothing of where its operator goes", async () => {
  const loaded = {
    Pane: Here,
    schema: z.record(z.string(), z.string()),
    keys: [],
  };
  const entry: PaneEntry = {
    ...{ id: "one", path: "/one", title: "One", icon: Waypoints, key: "o", count: null },
    load: () => Promise.resolve(loaded),
  };
  const rootRoute = createRootRoute();
  const one = createRoute({
    getParentRoute: () => rootRoute,
    path: "/one",
    component: () => <PaneHost entry={entry} loaded={loaded} />,
  });
  let arrive = (): void => undefined;
  const two = createRoute({
    getParentRoute: () => rootRoute,
    path: "/two",
    component: lazyRouteComponent(
      () =>
        new Promise<{ pane: () => React.JSX.Element }>((resolve) => {
          arrive = () => resolve({ pane: () => <p>there</p> });
        }),
      "pane",
    ),
  });
  const history = createMemoryHistory({ initialEntries: ["/one"] });
  const router = createRouter({ routeTree: rootRoute.addChildren([one, two]), history });
  render(<RouterProvider router={router} />);
  await screen.findByText("here");
  await act(async () => patch({ picked: "a" }));
  expect(history.location.href).toBe("/one?picked=a");
  let left = Promise.resolve();
  await act(async () => {
    left = router.navigate({ to: "/two" });
  });
  await act(async () => patch({ picked: "b" }));
  expect(history.location.href).toBe("/two");
  await act(async () => {
    arrive();
    await left;
  });
  expect(screen.getByText("there")).toBeDefined();
});
