import { useMutation } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import { Button } from "../../../ui/button.tsx";
import { download } from "../../../ui/download.ts";
import { formatCount } from "../../../ui/duration.ts";
import { ProblemNote } from "../../../ui/states.tsx";

type Format = "csv" | "json";
const TYPES: Readonly<Record<Format, string>> = { csv: "text/csv", json: "application/json" };

/** The charges in view in the form other cost tools read, checked before they are handed out. */
export function FocusExport({
  span,
}: {
  readonly span: { readonly from?: number; readonly to?: number; readonly wid?: string };
}) {
  const { client } = useApi();
  const { mutate, data, error, isPending } = useMutation({
    mutationFn: async (format: Format) => {
      const made = await client.accounting.focus({ ...span, format });
      if (made.rows > 0 && made.problems.length === 0)
        download(`charges-focus-1.2.${format}`, made.text, TYPES[format]);
      return made;
    },
  });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button size="sm" isDisabled={isPending} onPress={() => mutate("csv")}>
        Export FOCUS 1.2 as CSV
      </Button>
      <Button size="sm" isDisabled={isPending} onPress={() => mutate("json")}>
        As JSON
      </Button>
      <span role="status" className="text-xs text-muted">
        {data === undefined
          ? ""
          : data.rows === 0
            ? "Nothing in view is charged by a tariff: there is nothing to export."
            : data.problems.length > 0
              ? `Not exported: the validator found ${data.problems[0]?.column}: ${data.problems[0]?.detail}.`
              : `${formatCount(data.rows)} charges, valid${data.unpriced === 0 ? "" : `; ${formatCount(data.unpriced)} items without a price are left out`}.`}
      </span>
      {error === null ? null : <ProblemNote problem={problemOf(error)} />}
    </div>
  );
}
