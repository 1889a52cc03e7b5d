import { useState } from "react";
import { Drawer } from "../../../ui/drawer.tsx";
import { Tabs } from "../../../ui/tabs.tsx";
import { KeptAnchors } from "./kept-anchors.tsx";
import { OwnHead } from "./own-head.tsx";
import { WitnessForm } from "./witness-form.tsx";

const PARTS = [
  { id: "head", title: "This log's head", content: <OwnHead /> },
  { id: "kept", title: "Its anchors", content: <KeptAnchors /> },
  { id: "witness", title: "Witness others", content: <WitnessForm /> },
];

/** Ties this log to places its writer cannot reach, and other logs to this one. */
export function AnchorsDrawer({ onClose }: { onClose(): void }) {
  const [part, setPart] = useState("head");
  return (
    <Drawer title="Anchors" isOpen onClose={onClose}>
      {/* Words for screen readers are positioned; they belong to this box, or they lengthen the whole page. */}
      <div className="relative">
        <Tabs label="Anchors" items={PARTS} selected={part} onSelect={setPart} />
      </div>
    </Drawer>
  );
}
