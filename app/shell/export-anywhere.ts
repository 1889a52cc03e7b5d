import { useContext } from "react";
import { useApi } from "../api/client/api-context.tsx";
import { OperatorContext } from "../operator/operator-context.tsx";
import { toast } from "../ui/toast.tsx";
import { useHostStatus } from "./host-status.ts";

/** Exports from outside the timeline go on while the palette is closed and views change; one at a time. */
let running = false;

/** Exports the log to a file from any view. */
export function useExportAnywhere(): () => void {
  const { client } = useApi();
  const session = useContext(OperatorContext);
  const position = useHostStatus().data?.position;
  return () => {
    if (running) {
      toast({ title: "The log is being exported already", tone: "neutral" });
      return;
    }
    running = true;
    void run().finally(() => {
      running = false;
    });
  };

  async function run(): Promise<void> {
    const { exportToFile, sayNotExported } = await import("../features/timeline/use-export.ts");
    try {
      const at = position ?? (await client.host.status()).position;
      await exportToFile(client, session, at, new AbortController().signal, () => undefined);
    } catch (error) {
      sayNotExported(error);
    }
  }
}
