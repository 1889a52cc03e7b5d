import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import type { AnchorView } from "../../../api/contract/anchors.ts";

const KEYS = {
  checkpoint: ["anchors", "checkpoint"],
  list: ["anchors", "list"],
  watched: ["anchors", "watched"],
} as const;

/** The head of now; asked again when somebody says so, so that what is copied is what is seen. */
export function useCheckpoint() {
  const { client } = useApi();
  return useQuery({
    queryKey: KEYS.checkpoint,
    queryFn: ({ signal }) => client.anchors.checkpoint(undefined, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

export function useAnchorList() {
  const { client } = useApi();
  return useQuery({ queryKey: KEYS.list, queryFn: ({ signal }) => client.anchors.list(undefined, { signal }) });
}

/** The head for a witness that has seen some entries already. */
export function useRequest() {
  const { client } = useApi();
  return useMutation({ mutationFn: (old: number) => client.anchors.request({ old }) });
}

export function useKeep() {
  const { client } = useApi();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (input: { readonly note: string; readonly witnessKeys: string[] }) => client.anchors.keep(input),
    onSuccess: () => cache.invalidateQueries({ queryKey: KEYS.list }),
  });
}

export function useForget() {
  const { client } = useApi();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ size, root }: Pick<AnchorView, "size" | "root">) => client.anchors.forget({ size, root }),
    onSuccess: () => cache.invalidateQueries({ queryKey: KEYS.list }),
  });
}

export function useWatched() {
  const { client } = useApi();
  return useQuery({ queryKey: KEYS.watched, queryFn: ({ signal }) => client.anchors.watched(undefined, { signal }) });
}

export function useWitness() {
  const { client } = useApi();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (input: { readonly request: string; readonly logKey?: string }) => client.anchors.witness(input),
    // A refusal may be a contradiction, which is kept.
    onSettled: () => cache.invalidateQueries({ queryKey: KEYS.watched }),
  });
}

export function useAcknowledge() {
  const { client } = useApi();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (input: { readonly verifierKey: string; readonly from: "before" | "after" }) =>
      client.anchors.acknowledge(input),
    onSuccess: () => cache.invalidateQueries({ queryKey: KEYS.watched }),
  });
}

export function useCompromised() {
  const { client } = useApi();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (input: { readonly verifierKey: string; readonly atMs: number }) => client.anchors.compromised(input),
    onSuccess: () => cache.invalidateQueries({ queryKey: KEYS.watched }),
  });
}
