import { Maximize, Minus, Plus } from "lucide-react";
import { memo } from "react";
import { IconButton } from "../../../ui/button.tsx";
import { Toolbar } from "../../../ui/toolbar.tsx";

/** What one press of a button or key zooms by. */
export const ZOOM_STEP = 1.4;

export interface ZoomControlsProps {
  onZoom(factor: number): void;
  onFit(): void;
}

export const ZoomControls = memo(function ZoomControls({ onZoom, onFit }: ZoomControlsProps) {
  return (
    <Toolbar
      aria-label="Zoom"
      className="absolute bottom-2 left-2 z-10 gap-0! rounded-md border border-line bg-panel p-0.5"
    >
      <IconButton
        label="Zoom in"
        icon={Plus}
        size="sm"
        placement="top"
        shortcut="+"
        onPress={() => onZoom(ZOOM_STEP)}
      />
      <IconButton
        label="Zoom out"
        icon={Minus}
        size="sm"
        placement="top"
        shortcut="-"
        onPress={() => onZoom(1 / ZOOM_STEP)}
      />
      <IconButton label="Show all" icon={Maximize} size="sm" placement="top" shortcut="f" onPress={onFit} />
    </Toolbar>
  );
});
