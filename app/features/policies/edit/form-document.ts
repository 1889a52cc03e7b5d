import * as z from "zod";
import { changed, type Path } from "../../../base/change-document.ts";
import { textOfValue } from "../../../ui/value-text.ts";

export { textOfValue };

/**
 * A policy as a form can show it: lists where lists must be, objects in them, and any value in every single member. What is
 * wrong with a member is said beside its field, so it does not keep the form from being shown.
 */
const any = z.unknown().optional();
const nodeSchema = z.looseObject({
  id: any,
  agent: any,
  actions: any,
  delegable: any,
  consequence: any,
  constraints: z.looseObject({}).optional(),
});
const edgeSchema = z.looseObject({ from: any, to: any, kind: any, actions: any });
const ruleSchema = z.looseObject({
  id: any,
  trigger: z.looseObject({ kind: any }),
  role: any,
  action: any,
  approvals: any,
  timeout_s: any,
  on_timeout: any,
});
const stepSchema = z.looseObject({ role: any, after_s: any });
const formDocumentSchema = z.looseObject({
  sub: any,
  aud: any,
  iat: any,
  nbf: any,
  exp: any,
  dag: z.looseObject({
    root: any,
    self: any,
    max_depth: any,
    max_fanout: any,
    nodes: z.array(nodeSchema).min(1).max(256),
    edges: z.array(edgeSchema).max(1024),
  }),
  hitl: z.looseObject({
    rules: z.array(ruleSchema).max(64),
    default_on_timeout: any,
    escalation: z.array(stepSchema).max(64).optional(),
    contact: any,
  }),
  cnf: z.looseObject({ jkt: any }).optional(),
});

export type FormDocument = z.infer<typeof formDocumentSchema>;
export type FormNode = z.infer<typeof nodeSchema>;
export type FormEdge = z.infer<typeof edgeSchema>;
export type FormRule = z.infer<typeof ruleSchema>;

/** What a text is to the form: a document, or the reason why it is none. */
export type ReadText = { readonly document: FormDocument } | { readonly document: null; readonly why: string };

export function readForm(text: string): ReadText {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    return { document: null, why: error instanceof Error ? error.message : "it is not JSON" };
  }
  const parsed = formDocumentSchema.safeParse(raw);
  // The text's own object: what the schema hands back has its members in another order, and every change would move them.
  if (parsed.success) return { document: raw as FormDocument };
  const [issue] = parsed.error.issues;
  return { document: null, why: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}` };
}

type Edit = readonly [Path, unknown];

/** One change of several places, which is one step to take back. */
const edited = (document: unknown, edits: readonly Edit[]): unknown =>
  edits.reduce((made, [path, value]) => changed(made, path, value), document);

/** Gives a node another name, everywhere it is named. */
export function renamed(document: FormDocument, at: number, id: string): unknown {
  const { dag } = document;
  const old = dag.nodes[at]?.id;
  const named = (path: Path, value: unknown): Edit[] => (value === old ? [[path, id]] : []);
  return edited(document, [
    [["dag", "nodes", at, "id"], id],
    ...named(["dag", "root"], dag.root),
    ...named(["dag", "self"], dag.self),
    ...dag.edges.flatMap(({ from, to }, edge) => [
      ...named(["dag", "edges", edge, "from"], from),
      ...named(["dag", "edges", edge, "to"], to),
    ]),
  ]);
}

/** Takes a node out, with the edges that name it; a node of the same name keeps them. */
export function withoutNode(document: FormDocument, at: number): unknown {
  const { dag } = document;
  const id = dag.nodes[at]?.id;
  const nodes = dag.nodes.filter((_node, other) => other !== at);
  const isGone = !nodes.some((node) => node.id === id);
  return edited(document, [
    [["dag", "nodes"], nodes],
    ...(isGone ? [[["dag", "edges"], dag.edges.filter((edge) => edge.from !== id && edge.to !== id)] as const] : []),
  ]);
}

/** A new node, which may do nothing yet, below another one. */
export function withNode(document: FormDocument, below: FormNode | undefined, id: string): unknown {
  const { dag } = document;
  const node = { id, agent: below?.agent ?? "", actions: [], consequence: "reversible" };
  const edge = { from: below?.id, to: id, kind: "delegates", actions: [] };
  return edited(document, [
    [["dag", "nodes", dag.nodes.length], node],
    ...(below === undefined ? [] : [[["dag", "edges", dag.edges.length], edge] as const]),
  ]);
}

/** The node in another place among the others: the first that fits decides. */
export function movedNode(document: FormDocument, at: number, to: number): unknown {
  const { dag } = document;
  const nodes = [...dag.nodes];
  nodes.splice(to, 0, ...nodes.splice(at, 1));
  return changed(document, ["dag", "nodes"], nodes);
}

/** `stem-3`, or the next number that is free. */
export function freeName(stem: string, taken: readonly unknown[]): string {
  let number = taken.length + 1;
  while (taken.includes(`${stem}-${number}`)) number += 1;
  return `${stem}-${number}`;
}
