import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { Loading } from "../ui/states.tsx";
import { AppLayout } from "./app-layout.tsx";
import { NotFound } from "./not-found.tsx";
import { PaneCrashed } from "./pane-crashed.tsx";
import { PaneHost } from "./pane-host.tsx";
import { PANES, type PaneEntry } from "./panes.ts";

const rootRoute = createRootRoute({ component: AppLayout, notFoundComponent: NotFound });

const paneRoute = (entry: PaneEntry) =>
  createRoute({
    getParentRoute: () => rootRoute,
    path: entry.path,
    component: lazyRouteComponent(async () => {
      const loaded = await entry.load();
      return { pane: () => <PaneHost entry={entry} loaded={loaded} /> };
    }, "pane"),
    pendingComponent: () => <Loading what={entry.title.toLowerCase()} />,
  });

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: PANES[0]?.path ?? "/", replace: true });
  },
});

/** All routes of the console: one per pane, composed here and nowhere else. */
export const router = createRouter({
  routeTree: rootRoute.addChildren([indexRoute, ...PANES.map(paneRoute)]),
  defaultPreload: "intent",
  defaultErrorComponent: PaneCrashed,
  defaultNotFoundComponent: NotFound,
  scrollRestoration: false,
});
