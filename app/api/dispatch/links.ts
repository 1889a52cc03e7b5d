import type { Host } from "../../host/open-host.ts";

/** Claims that name another token, by what they mean. */
const REFERENCES: readonly { readonly path: readonly string[]; readonly rel: string }[] = [
  { path: ["task"], rel: "task" },
  { path: ["task", "jti"], rel: "task" },
  { path: ["acp", "jti"], rel: "policy" },
  { path: ["parent", "jti"], rel: "parent policy" },
  { path: ["request", "jti"], rel: "request" },
  { path: ["signal", "jti"], rel: "signal" },
  { path: ["cause", "jti"], rel: "cause" },
  { path: ["cause", "of"], rel: "cause" },
  { path: ["data", "task"], rel: "task" },
  { path: ["data", "request"], rel: "request" },
  { path: ["params", "of"], rel: "released signal" },
  { path: ["supersedes"], rel: "superseded signal" },
  { path: ["rb_id"], rel: "rollback" },
  { path: ["data", "rb_id"], rel: "rollback" },
  { path: ["ect_ext", "rb_id"], rel: "rollback" },
  { path: ["compensation"], rel: "compensation" },
  { path: ["ect", "jti"], rel: "what it wraps" },
  { path: ["ect_ext", "org.signalbox.task"], rel: "task" },
];
/** Other tokens that are named at most. */
export const MAX_LINKS = 60;

/** A token that claims name, and as what. */
export interface Reference {
  readonly rel: string;
  readonly jti: string;
}

/** The tokens that a token's claims name, each once for each way it is named. */
export function referencesOf(claims: Readonly<Record<string, unknown>>): readonly Reference[] {
  const found = new Map<string, Reference>();
  const add = (rel: string, jti: unknown): void => {
    if (typeof jti === "string" && found.size < MAX_LINKS) found.set(`${rel} ${jti}`, { rel, jti });
  };
  for (const { path, rel } of REFERENCES) add(rel, path.reduce<unknown>(memberOf, claims));
  const { task, pred } = claims;
  const preds = Array.isArray(pred) ? pred : memberOf(task, "pred");
  if (Array.isArray(preds)) for (const jti of preds) add("predecessor", jti);
  if (Array.isArray(claims.evidence)) for (const one of claims.evidence) add("evidence", memberOf(one, "id"));
  return [...found.values()];
}

/** Entries that one refers to, and those about the same task. */
export function linksOf(host: Host, seq: number, claims: Readonly<Record<string, unknown>>) {
  const links: { rel: string; jti: string; seq: number | null }[] = referencesOf(claims).map(({ rel, jti }) => ({
    rel,
    jti,
    seq: host.index.seqOf(jti),
  }));
  const task = host.index.row(seq)?.task ?? null;
  if (task === null) return links;
  for (const other of host.index.about(task)) {
    const row = host.index.row(other);
    if (other === seq || row === undefined || row.jti === null || links.length >= MAX_LINKS) continue;
    const link = { rel: `same task: ${row.typ}`, jti: row.jti, seq: other };
    if (!links.some(({ rel, jti }) => rel === link.rel && jti === link.jti)) links.push(link);
  }
  return links;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
