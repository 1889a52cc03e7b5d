import type { SortingState } from "@tanstack/react-table";

/** The order of the table in a link: column ids, a minus for descending, the first one decides first. */
export function parseSort(text: string | undefined, columns: readonly string[]): SortingState {
  const seen = new Set<string>();
  return (text ?? "").split("_").flatMap((part) => {
    const desc = part.startsWith("-");
    const id = desc ? part.slice(1) : part;
    if (!columns.includes(id) || seen.has(id)) return [];
    seen.add(id);
    return [{ id, desc }];
  });
}

export function formatSort(sorting: SortingState): string | undefined {
  return sorting.length === 0 ? undefined : sorting.map(({ id, desc }) => `${desc ? "-" : ""}${id}`).join("_");
}
