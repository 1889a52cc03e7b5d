import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { isTyping, useKeys } from "./use-keys.ts";

const step = vi.fn();
const down = vi.fn();

function Bench() {
  useKeys({ j: step, ArrowDown: down });
  return (
    <>
      <input type="checkbox" aria-label="tick" />
      <input type="range" aria-label="level" />
      <input type="search" aria-label="text" />
      <textarea aria-label="lines" />
      <select aria-label="list" />
    </>
  );
}

const press = (key: string, target: Element): boolean => fireEvent.keyDown(target, { key, code: key });

afterEach(() => {
  cleanup();
  vi.clearAllMocks();
});

describe("keys of a pane", () => {
  it("act after a checkbox or a slider had the focus, which take no letters", () => {
    render(<Bench />);
    press("j", screen.getByRole("checkbox"));
    press("j", screen.getByRole("slider"));
    expect(step).toHaveBeenCalledTimes(2);
  });

  it("leave letters to fields and lists, and its own arrows to a slider", () => {
    render(<Bench />);
    for (const field of [screen.getByRole("searchbox"), screen.getByLabelText("lines"), screen.getByRole("combobox")]) {
      expect(isTyping(field)).toBe(true);
      press("j", field);
    }
    press("ArrowDown", screen.getByRole("slider"));
    expect(step).not.toHaveBeenCalled();
    expect(down).not.toHaveBeenCalled();
  });
});
