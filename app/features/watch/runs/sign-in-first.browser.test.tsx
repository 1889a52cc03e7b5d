import { cleanup, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { userEvent as user } from "vitest/browser";
import { useOperator, useOperatorSession } from "../../../operator/operator-context.tsx";
import { fakeHost, renderWith } from "../watch.fixture.tsx";
import { SignInFirst } from "./sign-in-first.tsx";

afterEach(cleanup);

/** What the sign-in dialog of the shell would do. */
function Asked() {
  const { status, ask } = useOperator();
  const session = useOperatorSession();
  return (
    <button type="button" onClick={() => session.dismiss()}>
      {`${status}, asked: ${JSON.stringify(ask)}`}
    </button>
  );
}

describe("a start with nobody signed in", () => {
  it("asks for nothing itself: one press opens the sign-in dialog, which may be put away", async () => {
    renderWith(
      fakeHost(),
      null,
      <>
        <SignInFirst />
        <Asked />
      </>,
    );
    const shell = await screen.findByRole("button", { name: "none, asked: null" });
    expect(screen.queryByRole("textbox")).toBeNull();
    for (const time of ["first", "again"]) {
      await user.click(screen.getByRole("button", { name: "Sign in …" }));
      await waitFor(() => expect(shell, time).toHaveTextContent('none, asked: {"kind":"sign-in","name":""}'));
      await user.click(shell);
      await waitFor(() => expect(shell, time).toHaveTextContent("none, asked: null"));
    }
    expect(screen.queryByRole("alert")).toBeNull();
  });
});
