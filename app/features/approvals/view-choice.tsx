import { Segmented } from "../../ui/segmented.tsx";
import type { ApprovalsSearch } from "./approvals-search.ts";

export interface ViewChoiceProps {
  readonly search: ApprovalsSearch;
  setSearch(patch: Partial<ApprovalsSearch>): void;
}

/** The queue, or what it asks of people. */
export function ViewChoice({ search, setSearch }: ViewChoiceProps) {
  return (
    <Segmented
      label="View"
      selected={search.view ?? "queue"}
      onChange={(view) => setSearch({ view: view === "attention" ? view : undefined })}
      options={[
        { id: "queue", name: "Queue" },
        { id: "attention", name: "Attention" },
      ]}
    />
  );
}
