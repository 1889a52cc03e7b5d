import { useEffect, useState } from "react";
import { shortenMiddle, visibleText } from "./visible-text.ts";

export interface IdentifierProps {
  readonly value: string;
  /** What kind of id it is, for the accessible name, e.g. "task id". */
  readonly label?: string;
  /** The whole value, breaking anywhere. */
  readonly whole?: boolean;
}

/** An identifier: shortened in the middle, whole as title, copied on click. */
export function Identifier({ value, label, whole = false }: IdentifierProps) {
  const [said, setSaid] = useState<"copied" | "not copied" | null>(null);
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => setSaid(null), 1500);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = (): void => {
    navigator.clipboard.writeText(value).then(
      () => setSaid("copied"),
      // The browser may refuse the clipboard (no focus, policy): then the value is still there to be selected.
      () => setSaid("not copied"),
    );
  };
  const seen = visibleText(value);
  const shown = whole ? seen : shortenMiddle(seen);
  return (
    <button
      type="button"
      onClick={copy}
      title={`${seen} (click to copy)`}
      aria-label={`${label === undefined ? "" : `${label} `}${shown}, copy`}
      // 24 px to press; the whole value may be broken, and then has its neighbours right above and below.
      className={`max-w-full rounded-sm py-1 text-left font-mono text-xs hover:bg-sunken ${whole ? "-my-0.5" : "-my-1"}`}
    >
      <bdi className={whole ? "break-all" : "whitespace-nowrap"}>{shown}</bdi>
      <span role="status" className={said === null ? "sr-only" : "ml-1 font-sans text-muted"}>
        {said ?? ""}
      </span>
    </button>
  );
}
