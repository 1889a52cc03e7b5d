import { parseSync } from "oxc-parser";

const CALLS = new Set(["it", "test", "describe", "suite"]);
const SKIPPED = new Set(["skip", "skipIf", "runIf", "todo", "fixme", "fails", "fail"]);

/**
 * The titles of the tests and groups in a source file that are run: of `it`, `test` and `describe`, whatever is chained to
 * them, and of the rows of an `each` whose first column is in the title. Not of what is skipped, nor of anything inside it.
 */
export function testTitles(file, source) {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  const constants = constantsOf(program);
  const titles = [];
  const walk = (node) => {
    if (node === null || typeof node !== "object") return;
    if (Array.isArray(node)) {
      for (const item of node) walk(item);
      return;
    }
    const call = node.type === "CallExpression" ? callOf(node) : null;
    if (call !== null) {
      if (call.skipped || skipsItself(node)) return;
      titles.push(...titlesOf(call, constants));
    }
    for (const [key, value] of Object.entries(node)) if (key !== "parent") walk(value);
  };
  walk(program);
  return titles;
}

/** A call of a test function with a title: `it("…", …)`, `test.describe("…", …)`, `it.each(rows)("…", …)`. */
function callOf({ callee, arguments: [title] }) {
  const members = [];
  let table = null;
  let at = callee;
  while (at.type !== "Identifier") {
    if (at.type === "MemberExpression" && !at.computed) {
      members.push(at.property.name);
      at = at.object;
    } else if (at.type === "CallExpression") {
      table = at.arguments[0] ?? null;
      at = at.callee;
    } else if (at.type === "TaggedTemplateExpression") at = at.tag;
    else return null;
  }
  if (!CALLS.has(at.name) || title === undefined) return null;
  return { title, table, skipped: members.some((member) => SKIPPED.has(member)) };
}

/** `test.skip()` or `context.skip()` in the body: nobody knows that the test goes on behind it. */
function skipsItself({ arguments: args }) {
  const body = args.find((arg) => arg.type === "ArrowFunctionExpression" || arg.type === "FunctionExpression");
  let skips = false;
  const walk = (node) => {
    if (node === null || typeof node !== "object" || skips) return;
    if (Array.isArray(node)) {
      for (const item of node) walk(item);
      return;
    }
    if (node.type === "CallExpression") {
      const { callee } = node;
      const name = callee.type === "MemberExpression" && !callee.computed ? callee.property.name : null;
      // With a title it is another test, inside a group, and skips only itself.
      const titled = textOf(node.arguments[0]) !== null && node.arguments.length > 1;
      if ((name === "skip" || name === "fixme") && !titled) skips = true;
      // What another test does is its own.
      if (callOf(node) !== null && textOf(node.arguments[0]) !== null) return;
    }
    for (const [key, value] of Object.entries(node)) if (key !== "parent") walk(value);
  };
  walk(body?.body ?? null);
  return skips;
}

function titlesOf({ title, table }, constants) {
  const text = textOf(title);
  if (text === null) return [];
  if (table === null || !text.includes("%s")) return [text];
  const rows = resolved(table, constants);
  if (rows?.type !== "ArrayExpression") return [text];
  // Rows that name ids are titles of their own, the ids first, wherever the words of the row stand.
  const named = rows.elements.flatMap((row) => {
    const first = textOf(row?.type === "ArrayExpression" ? row.elements[0] : row) ?? "";
    const [ids = ""] = /^(\[[^\]]*\] ?)*/.exec(first) ?? [];
    return ids === "" ? [] : [ids + text.replace("%s", () => first.slice(ids.length))];
  });
  return named.length < rows.elements.length ? [text, ...named] : named;
}

function resolved(node, constants) {
  if (node.type === "TSAsExpression" || node.type === "TSSatisfiesExpression")
    return resolved(node.expression, constants);
  return node.type === "Identifier" ? constants.get(node.name) : node;
}

/** Constants of the file that are written out as arrays, by name. */
function constantsOf(program) {
  const constants = new Map();
  const walk = (node) => {
    if (node === null || typeof node !== "object") return;
    if (Array.isArray(node)) {
      for (const item of node) walk(item);
      return;
    }
    if (node.type === "VariableDeclarator" && node.id.type === "Identifier" && node.init !== null)
      constants.set(node.id.name, resolved(node.init, constants));
    for (const [key, value] of Object.entries(node)) if (key !== "parent") walk(value);
  };
  walk(program);
  return constants;
}

/** The text of a literal; of a template only what stands before its first value. */
function textOf(node) {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type === "TemplateLiteral") return node.quasis[0]?.value.cooked ?? null;
  return null;
}
