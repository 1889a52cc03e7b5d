import {
  Activity,
  ClipboardCheck,
  Coins,
  type LucideIcon,
  Network,
  OctagonMinus,
  Scale,
  ScanSearch,
  ScrollText,
  Waypoints,
} from "lucide-react";
import type { ComponentType } from "react";
import type * as z from "zod/mini";
import type { SearchPatch } from "./parse-search.ts";

export interface PaneKey {
  readonly keys: string;
  readonly does: string;
}

/** What every pane gets: its own search parameters, checked, and a way to change them. */
export interface PaneProps<Search> {
  readonly search: Search;
  setSearch(patch: Partial<Search>, options?: { readonly replace?: boolean }): void;
}

export interface LoadedPane {
  readonly Pane: ComponentType<PaneProps<SearchPatch>>;
  readonly schema: z.core.$ZodType<SearchPatch>;
  readonly keys: readonly PaneKey[];
}

export interface PaneEntry {
  readonly id: string;
  readonly path: string;
  readonly title: string;
  readonly icon: LucideIcon;
  /** The second key of `g …`. */
  readonly key: string;
  /** What the status counts for it, shown in the navigation. */
  readonly count: "pendingGates" | "latched" | null;
  load(): Promise<LoadedPane>;
}

/** Ties a pane's parts together; their types fit by construction, which the registry then no longer sees. */
function pane<Search>(
  Pane: ComponentType<PaneProps<Search>>,
  schema: z.core.$ZodType<Search>,
  keys: readonly PaneKey[],
): LoadedPane {
  // The list of panes forgets which search each has; pane and schema were checked against each other by this signature.
  return { Pane, schema, keys } as unknown as LoadedPane;
}

/** The panes there are, in the order of the navigation; each is a chunk of its own, loaded when it is first shown. */
export const PANES: readonly PaneEntry[] = [
  {
    id: "watch",
    path: "/watch",
    title: "Watch",
    icon: Waypoints,
    key: "w",
    count: null,
    load: async () => {
      const loaded = await import("../features/watch/watch-pane.tsx");
      return pane(loaded.WatchPane, loaded.watchSearchSchema, loaded.watchKeys);
    },
  },
  {
    id: "approvals",
    path: "/approvals",
    title: "Approvals",
    icon: ClipboardCheck,
    key: "a",
    count: "pendingGates",
    load: async () => {
      const loaded = await import("../features/approvals/approvals-pane.tsx");
      return pane(loaded.ApprovalsPane, loaded.approvalsSearchSchema, loaded.approvalsKeys);
    },
  },
  {
    id: "control",
    path: "/control",
    title: "Control",
    icon: OctagonMinus,
    key: "c",
    count: "latched",
    load: async () => {
      const loaded = await import("../features/control/control-pane.tsx");
      return pane(loaded.ControlPane, loaded.controlSearchSchema, loaded.controlKeys);
    },
  },
  {
    id: "policies",
    path: "/policies",
    title: "Policies",
    icon: Scale,
    key: "p",
    count: null,
    load: async () => {
      const loaded = await import("../features/policies/policies-pane.tsx");
      return pane(loaded.PoliciesPane, loaded.policiesSearchSchema, loaded.policiesKeys);
    },
  },
  {
    id: "timeline",
    path: "/timeline",
    title: "Timeline",
    icon: ScrollText,
    key: "t",
    count: null,
    load: async () => {
      const loaded = await import("../features/timeline/timeline-pane.tsx");
      return pane(loaded.TimelinePane, loaded.timelineSearchSchema, loaded.timelineKeys);
    },
  },
  {
    id: "domains",
    path: "/domains",
    title: "Domains",
    icon: Network,
    key: "d",
    count: null,
    load: async () => {
      const loaded = await import("../features/domains/domains-pane.tsx");
      return pane(loaded.DomainsPane, loaded.domainsSearchSchema, loaded.domainsKeys);
    },
  },
  {
    id: "behavior",
    path: "/behavior",
    title: "Behaviour",
    icon: Activity,
    key: "b",
    count: null,
    load: async () => {
      const loaded = await import("../features/behavior/behavior-pane.tsx");
      return pane(loaded.BehaviorPane, loaded.behaviorSearchSchema, loaded.behaviorKeys);
    },
  },
  {
    id: "accounting",
    path: "/accounting",
    title: "Accounting",
    icon: Coins,
    key: "m",
    count: null,
    load: async () => {
      const loaded = await import("../features/accounting/accounting-pane.tsx");
      return pane(loaded.AccountingPane, loaded.accountingSearchSchema, loaded.accountingKeys);
    },
  },
  {
    id: "inspector",
    path: "/inspector",
    title: "Inspector",
    icon: ScanSearch,
    key: "i",
    count: null,
    load: async () => {
      const loaded = await import("../features/inspector/inspector-pane.tsx");
      return pane(loaded.InspectorPane, loaded.inspectorSearchSchema, loaded.inspectorKeys);
    },
  },
];
