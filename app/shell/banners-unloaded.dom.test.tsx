import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { ApiProvider } from "../api/client/api-context.tsx";
import type { SignalboxClient } from "../api/client/client.ts";
import { createConnectionStore } from "../api/client/connection.ts";
import { AwayPart } from "./away-part.tsx";
import { Banners } from "./banners.tsx";
import { HeadWatchContext } from "./host-status.ts";
import { createHeadWatch } from "./pinned-head.ts";

const gone = () => {
  throw new TypeError("Failed to fetch dynamically imported module");
};
vi.mock("./alarm-banners.tsx", () => gone());
vi.mock("./lease-banner.tsx", () => gone());
vi.mock("./drill-banner.tsx", () => gone());
vi.mock("./away-notice.tsx", () => gone());

describe("parts of the frame that could not be loaded", () => {
  it("[L2] say what is not known, and leave the others standing", async () => {
    const never = () => new Promise(() => undefined);
    const client = {
      override: { list: () => Promise.reject(new Error("gone")) },
      gate: { queue: never },
      attention: { now: never },
      host: { status: never },
    } as unknown as SignalboxClient; // a proxy's type, which no plain object has
    render(
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <ApiProvider client={client} control={client} connection={createConnectionStore(0)}>
          <HeadWatchContext value={createHeadWatch(() => window.sessionStorage)}>
            <Banners />
            <AwayPart />
          </HeadWatchContext>
        </ApiProvider>
      </QueryClientProvider>,
    );
    const lost = (what: string) => `${what}: that part of the console could not be loaded. Reload to have it.`;
    expect(await screen.findByText(lost("Whether a lease runs out is not known"))).toBeInTheDocument();
    expect(
      await screen.findByText(lost("Whether every agent behaves and follows orders is not known")),
    ).toBeInTheDocument();
    expect(await screen.findByText(lost("Whether a drill runs is not known"))).toBeInTheDocument();
    expect(
      await screen.findByText(lost("What happens while the host does not answer will not be listed")),
    ).toBeInTheDocument();
    expect(await screen.findByText(/Whether a stop holds is not known/)).toBeInTheDocument();
  });
});
