import { useMutation } from "@tanstack/react-query";
import { problemOf, type ShownProblem } from "../api/client/problem.ts";
import { toast } from "../ui/toast.tsx";
import { useToldAnyway } from "./use-told-anyway.ts";

interface Done {
  readonly title: string;
  readonly detail: string;
}

export interface Signing {
  run(): void;
  readonly isBusy: boolean;
  /** Why it was not taken; null before, and while it is tried again. */
  readonly problem: ShownProblem | null;
}

/** Something that is signed and given in a dialog: said when it is done, and kept open with the reason when it is not. */
export function useSigning<T>(
  act: () => Promise<T>,
  done: Done | ((given: T) => Done & { readonly tone?: "warning" }),
  onDone: (given: T) => void,
): Signing {
  const tellAnyway = useToldAnyway();
  const { mutate, isPending, error } = useMutation({
    mutationFn: act,
    onSuccess: (given) => {
      toast({ tone: "neutral", ...(typeof done === "function" ? done(given) : done) });
      onDone(given);
    },
    onError: (refused) => tellAnyway("what you signed", problemOf(refused)),
  });
  return { run: () => mutate(), isBusy: isPending, problem: error === null ? null : problemOf(error) };
}
