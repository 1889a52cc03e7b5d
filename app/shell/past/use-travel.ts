import { useNavigate } from "@tanstack/react-router";
import { useHostStatus } from "../host-status.ts";
import { AS_OF } from "./past-search.ts";

/** To an entry or the newest one, or (null) back to now; everything else in the address stays, so that the same place is in view. */
export function useTravel(): (to: number | "newest" | null) => void {
  const navigate = useNavigate();
  const newest = useHostStatus().data?.position.size ?? 0;
  return (to) => {
    const at = to === "newest" ? newest : to;
    const search = (now: Record<string, unknown>): Record<string, unknown> => {
      const { [AS_OF]: _left, ...rest } = now;
      return at === null || at < 1 ? rest : { ...rest, [AS_OF]: at };
    };
    // A step within the past is none to go back by.
    const replace = typeof to === "number";
    void navigate({ to: ".", search: search as never, replace });
  };
}
