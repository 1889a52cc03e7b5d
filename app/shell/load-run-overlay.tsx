import { useNavigate } from "@tanstack/react-router";
import { LoadRun } from "../features/watch/runs/load-run.tsx";
import { closeOverlay } from "./overlays.ts";

/** Watch's way to load a run, from any view; what was chosen is started in Watch. */
export function LoadRunOverlay() {
  const navigate = useNavigate();
  return (
    <LoadRun
      source={null}
      onClose={() => closeOverlay("load-run")}
      onChosen={(run) => {
        closeOverlay("load-run");
        void navigate({ to: "/watch", search: { run } as never });
      }}
    />
  );
}
