import { useMutation } from "@tanstack/react-query";
import { useApi } from "../../../api/client/api-context.tsx";
import { problemOf } from "../../../api/client/problem.ts";
import { Button } from "../../../ui/button.tsx";
import { formatCount } from "../../../ui/duration.ts";
import { Progress } from "../../../ui/progress.tsx";
import { ProblemNote } from "../../../ui/states.tsx";

/** The whole log as files that other transparency tools read, in one archive. */
export function TilesDownload() {
  const { client } = useApi();
  const save = useMutation({
    mutationFn: async () => {
      const { tilesArchive } = await import("./tiles-archive.ts");
      const { name, bytes, size } = await tilesArchive(client);
      const url = URL.createObjectURL(new Blob([bytes], { type: "application/zip" }));
      const link = document.createElement("a");
      link.href = url;
      link.download = name;
      link.click();
      // The browser has taken the blob over by then.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      return { name, size };
    },
  });
  return (
    <div className="space-y-2 border-t border-line pt-2">
      <p className="text-muted">
        The log as tiles (C2SP tlog-tiles), with this checkpoint: one zip file for tools that read transparency logs.
      </p>
      <Button size="sm" isDisabled={save.isPending} onPress={() => save.mutate()}>
        Save as tiles
      </Button>
      {save.isPending ? <Progress label="Writing the tiles" value={0} max={0} /> : null}
      {save.isError ? <ProblemNote problem={problemOf(save.error)} /> : null}
      {save.data === undefined ? null : (
        <p role="status">
          {formatCount(save.data.size)} entries in {save.data.name}
        </p>
      )}
    </div>
  );
}
