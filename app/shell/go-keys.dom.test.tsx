import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { useKeys } from "../ui/use-keys.ts";
import { useGoKeys } from "./go-keys.ts";

const go = vi.fn();
const approve = vi.fn();

function Bench() {
  useGoKeys({ a: go });
  useKeys({ a: approve });
  return (
    <>
      <input aria-label="text" />
      <div role="dialog">
        <button type="button">in a dialog</button>
      </div>
    </>
  );
}

const press = (key: string, target: Element = document.body): boolean => fireEvent.keyDown(target, { key, code: key });

afterEach(() => {
  cleanup();
  vi.clearAllMocks();
});

describe("going to a pane by keys", () => {
  it("takes the second key away from the pane, where the letter alone acts", () => {
    render(<Bench />);
    press("g");
    press("a");
    expect(go).toHaveBeenCalledOnce();
    expect(approve).not.toHaveBeenCalled();
    press("a");
    expect(approve).toHaveBeenCalledOnce();
  });

  it("is over after another key", () => {
    render(<Bench />);
    press("g");
    press("x");
    press("a");
    expect(go).not.toHaveBeenCalled();
  });

  it("leaves letters to text fields and keys to dialogs", () => {
    render(<Bench />);
    const field = screen.getByRole("textbox");
    press("g", field);
    press("a", field);
    const button = screen.getByRole("button");
    press("g", button);
    press("a", button);
    expect(go).not.toHaveBeenCalled();
    expect(approve).not.toHaveBeenCalled();
  });
});
