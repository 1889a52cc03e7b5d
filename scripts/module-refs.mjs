import { parseSync } from "oxc-parser";

const CODE = /\.[mc]?[jt]sx?$/;

/**
 * The relative modules a source file leads to. `eager`: imported or re-exported when the file is. `lazy`: by `import()`, by
 * the type of one, or by `new URL("./x.ts", import.meta.url)`, which is how workers are made. `computed` are the places of
 * imports that are put together at run time, which nobody can follow.
 */
export function moduleRefs(file, source) {
  const { module, program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  const eager = [
    ...module.staticImports.map((item) => item.moduleRequest.value),
    ...module.staticExports.flatMap((item) => item.entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
  ];
  const lazy = [];
  const computed = [];
  const place = (node) => `line ${source.slice(0, node.start).split("\n").length}`;
  walk(program, (node) => {
    const isImport = node.type === "ImportExpression" || node.type === "TSImportType";
    const text = isImport ? textOf(node.source) : isUrlHere(node) ? textOf(node.arguments[0]) : null;
    if (text !== null && (isImport || CODE.test(text.replace(/\?.*$/, "")))) lazy.push(text);
    // An address of data may be put together; one of code may not.
    if (isImport && text === null) computed.push(place(node));
    if (isWorker(node) && isUrlHere(node.arguments[0]) && textOf(node.arguments[0].arguments[0]) === null)
      computed.push(place(node));
  });
  const local = (specifiers) =>
    specifiers.filter((specifier) => /^\.{1,2}\//.test(specifier)).map((specifier) => specifier.replace(/\?.*$/, ""));
  return { eager: local(eager), lazy: local(lazy), computed };
}

const isNew = (node, names) =>
  node?.type === "NewExpression" && node.callee.type === "Identifier" && names.includes(node.callee.name);
const isWorker = (node) => isNew(node, ["Worker", "SharedWorker"]);

/** `new URL(…, import.meta.url)`. */
function isUrlHere(node) {
  if (!isNew(node, ["URL"])) return false;
  const base = node.arguments[1];
  return base?.type === "MemberExpression" && base.object.type === "MetaProperty" && base.property.name === "url";
}

/** A text written out, or null. */
function textOf(node) {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0) return node.quasis[0].value.cooked;
  return null;
}

function walk(node, visit) {
  if (node === null || typeof node !== "object") return;
  if (Array.isArray(node)) {
    for (const item of node) walk(item, visit);
    return;
  }
  if (typeof node.type === "string") visit(node);
  for (const [key, value] of Object.entries(node)) if (key !== "parent") walk(value, visit);
}
