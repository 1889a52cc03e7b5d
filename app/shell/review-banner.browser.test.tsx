import { cleanup, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { ReviewBanner } from "./review-banner.tsx";
import { fakeHost, showShell } from "./shell.fixture.tsx";

afterEach(cleanup);

const nowS = (): number => Math.floor(Date.now() / 1000);
const row = (change: object = {}) => ({
  request: "0195400c-0000-7000-8000-0000000000a1",
  action: "apply_change",
  breakGlass: {
    ...{ by: "spiffe://console.local/human/ben", decision: "0195400c-0000-7000-8000-0000000000aa" },
    ...{ at: nowS() - 3_000, reason: "site down", dueAt: nowS() + 83_000, overdue: false, review: null },
    ...change,
  },
});

describe("an approval that one person gave alone", () => {
  it.each(["/watch", "/timeline", "/policies"])(
    "[D6] [ACP-43] is said in every view (%s), with the way to it",
    async (at) => {
      showShell(fakeHost({ requests: async () => [row()] }), <ReviewBanner />, at);
      const banner = await screen.findByRole("alert");
      expect(banner).toHaveTextContent("Approved by one person: ben approved apply_change alone.");
      expect(banner.parentElement).toHaveTextContent("review due in 23 h");
      const link = screen.getByRole("link", { name: "Open the request" });
      expect(link.getAttribute("href")).toMatch(/^\/approvals\?.*request=0195400c/);
      expect(link.getAttribute("href")).toMatch(/state=all/);
    },
  );

  it("[D6] [ACP-43] is an alarm once nobody has reviewed it in time, and goes away with the review", async () => {
    let rows = [row({ overdue: true, dueAt: nowS() - 7_300 }), row()];
    const { queries } = showShell(fakeHost({ requests: async () => rows }), <ReviewBanner />);
    const banner = await screen.findByRole("alert");
    expect(banner).toHaveTextContent(/^Review overdue: ben approved apply_change alone\. 1 more wait for a review\.$/);
    expect(banner.parentElement).toHaveTextContent("review overdue for 2 h");
    rows = [];
    await queries.invalidateQueries();
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  });
});
