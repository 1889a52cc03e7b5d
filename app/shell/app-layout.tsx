import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useStore } from "zustand";
import { Loading } from "../ui/states.tsx";
import { Toasts } from "../ui/toast.tsx";
import { toldHeight } from "../ui/told-height.ts";
import { useKeys } from "../ui/use-keys.ts";
import { AwayPart } from "./away-part.tsx";
import { NotLoaded } from "./banner.tsx";
import { Banners } from "./banners.tsx";
import { useShownDomain } from "./domains/shown-domain.ts";
import { useGoKeys } from "./go-keys.ts";
import { LockBar } from "./lock-bar.tsx";
import { Navigation } from "./navigation.tsx";
import { PageTitle } from "./notify-title.tsx";
import { openOverlay, overlays } from "./overlays.ts";
import { PANES } from "./panes.ts";
import { AS_OF, useAsOf } from "./past/past-search.ts";
import { useTravel } from "./past/use-travel.ts";
import { StatusBar } from "./status-bar.tsx";
import { TopBar } from "./top-bar.tsx";

const CommandPalette = lazy(() =>
  import("./command-palette.tsx").then((loaded) => ({ default: loaded.CommandPalette })),
);
const HelpSheet = lazy(() => import("./help-sheet.tsx").then((loaded) => ({ default: loaded.HelpSheet })));
const PeopleDialog = lazy(() => import("./people-dialog.tsx").then((loaded) => ({ default: loaded.PeopleDialog })));
/** Nothing of it is asked for by a press: where it cannot be loaded, that is said instead of leaving it out. */
const NotifyFollower = lazy(() =>
  import("./notify-follower.tsx").then(
    (loaded) => ({ default: loaded.NotifyFollower }),
    () => ({ default: NoNotices }),
  ),
);
/** The past is never taken for now: where its part cannot be loaded nothing is shown in its place. */
const PastPart = lazy(() =>
  import("./past/past-part.tsx").then(
    (loaded) => ({ default: loaded.PastPart }),
    () => ({ default: NoPast }),
  ),
);
const DomainPart = lazy(() => import("./domains/domain-part.tsx").then((loaded) => ({ default: loaded.DomainPart })));
const LoadRunOverlay = lazy(() =>
  import("./load-run-overlay.tsx").then((loaded) => ({ default: loaded.LoadRunOverlay })),
);

const tellHeight = toldHeight("--banners");

/** The frame around every pane. */
export function AppLayout() {
  const open = useStore(overlays, (state) => state.open);
  const asOf = useAsOf();
  const domain = useShownDomain();
  useGlobalKeys();
  const pane =
    asOf === null ? (
      <Outlet />
    ) : (
      <Suspense fallback={<Loading what="the past" />}>
        <PastPart at={asOf} />
      </Suspense>
    );
  return (
    <div className="grid h-dvh grid-cols-1 grid-rows-[auto_auto_minmax(0,1fr)_auto_auto] md:grid-cols-[4.5rem_minmax(0,1fr)] md:grid-rows-[auto_auto_minmax(0,1fr)_auto]">
      <div className="row-start-1 min-w-0 md:col-span-2">
        <a
          href="#main"
          className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-raised focus:p-2 focus:text-accent"
        >
          To the content
        </a>
        <TopBar
          onOpenPalette={() => openOverlay("palette")}
          onOpenHelp={() => openOverlay("help")}
          onSignIn={() => openOverlay("sign-in")}
        />
      </div>
      <div ref={tellHeight} className="row-start-2 min-w-0 md:col-span-2">
        <LockBar />
        <Banners />
        <Suspense>
          <NotifyFollower />
        </Suspense>
        <AwayPart />
      </div>
      <Navigation />
      <main
        id="main"
        tabIndex={-1}
        className="row-start-3 flex min-h-0 min-w-0 flex-col overflow-auto outline-none md:col-start-2"
      >
        {domain === null ? (
          pane
        ) : (
          <Suspense fallback={<Loading what="the log" />}>
            <DomainPart domain={domain}>{pane}</DomainPart>
          </Suspense>
        )}
      </main>
      <div className="row-start-4 min-w-0 md:col-span-2">
        <StatusBar />
      </div>
      <PageTitle />
      <Toasts />
      <Suspense>
        {open === "palette" ? <CommandPalette /> : null}
        {open === "help" ? <HelpSheet /> : null}
        {open === "people" ? <PeopleDialog /> : null}
        {open === "load-run" ? <LoadRunOverlay /> : null}
      </Suspense>
    </div>
  );
}

function useGlobalKeys(): void {
  const navigate = useNavigate();
  const wid = useRouterState({ select: (state) => (state.location.search as { wid?: string }).wid });
  const asOf = useAsOf();
  const travel = useTravel();
  const openHelp = (): void => openOverlay("help");
  useKeys({
    "$mod+k": (event) => {
      event.preventDefault();
      openOverlay("palette");
    },
    "Shift+?": openHelp,
    "?": openHelp,
    w: () => openOverlay("notifications"),
  });
  // Which parameters a path takes is each pane's to say: the router's types do not know.
  const search = { ...(wid === undefined ? {} : { wid }), ...(asOf === null ? {} : { [AS_OF]: asOf }) } as never;
  useGoKeys({
    ...Object.fromEntries(PANES.map((pane) => [pane.key, () => void navigate({ to: pane.path, search })])),
    q: () => void navigate({ to: "/approvals", search: {} as never }),
    h: () => travel(asOf === null ? "newest" : null),
  });
}

const NoPast = () => <NotLoaded>The past cannot be shown</NotLoaded>;

function NoNotices() {
  return (
    <p role="status" className="border-b border-line px-3 py-1 text-muted">
      Notifications are off: their part of the console could not be loaded. Reload to have them.
    </p>
  );
}
