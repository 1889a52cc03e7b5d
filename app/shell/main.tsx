import "../ui/theme.css";
import "./shell.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiProvider } from "../api/client/api-context.tsx";
import { connectEmbedded } from "../api/embedded/connect.ts";
import { must } from "../base/assert.ts";
import { OperatorProvider } from "../operator/operator-context.tsx";
import { ChangeFollower } from "./change-follower.tsx";
import { CrashGuard } from "./crash-guard.tsx";
import { HeadWatchContext } from "./host-status.ts";
import { openOverlay } from "./overlays.ts";
import { PANES } from "./panes.ts";
import { createHeadWatch } from "./pinned-head.ts";
import { router } from "./router.tsx";
import { SignIn } from "./sign-in.tsx";
import { guardSingleKeys } from "./single-keys.ts";
import { StopControl } from "./stop-control.tsx";
import { followTheme } from "./theme.ts";

const PREFETCH_MS = 2000;

guardSingleKeys(window);
followTheme();

const { client, control, connection, stopLine } = connectEmbedded();
const heads = createHeadWatch(() => window.localStorage);
const queries = new QueryClient({
  defaultOptions: {
    // The host is in this browser: no network, no polling; change notices say what is old.
    queries: { networkMode: "always", staleTime: Number.POSITIVE_INFINITY, retry: 1, refetchOnWindowFocus: false },
    mutations: { networkMode: "always", retry: 0 },
  },
});

// The other panes are fetched when the first is there, so that going to one never waits, whatever happens to the server.
const prefetch = (): void => {
  // A pane that cannot be fetched now is fetched again when it is opened, and says so then.
  for (const pane of PANES) pane.load().catch(() => undefined);
};
window.addEventListener("load", () => setTimeout(prefetch, PREFETCH_MS));

// The stop control stands beside the router, not in it: no view can take it down.
createRoot(must(document.getElementById("root"), "index.html has a root")).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <ApiProvider client={client} control={control} connection={connection} stopLine={stopLine}>
        <OperatorProvider>
          <HeadWatchContext value={heads}>
            <ChangeFollower />
            <CrashGuard>
              <RouterProvider router={router} />
              <SignIn />
            </CrashGuard>
            <StopControl
              onOpenControl={() => void router.navigate({ to: "/control" })}
              onSignIn={() => openOverlay("sign-in")}
            />
          </HeadWatchContext>
        </OperatorProvider>
      </ApiProvider>
    </QueryClientProvider>
  </StrictMode>,
);
