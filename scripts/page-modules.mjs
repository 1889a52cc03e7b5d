/** Rooms whose code runs in workers only. What they share with the page lies in protocol and contract. */
const NOT_IN_THE_PAGE = [
  "app/engine/",
  "app/gateway/",
  "app/storage/",
  "app/host/",
  "app/agents/",
  "app/api/dispatch/",
  "server/",
  "mocks/",
];

/**
 * What is wrong with the chunks that the page's entry leads to, at once or later (`manifest`: vite's; `modules`: those of
 * each chunk, as vite.config.ts writes them). A list that says nothing of a chunk is as wrong as a module that leaked.
 */
export function leaksIn(manifest, modules, entry) {
  const problems = [];
  const seen = new Set();
  const visit = (key) => {
    if (seen.has(key)) return;
    seen.add(key);
    const chunk = manifest[key];
    if (chunk === undefined) {
      problems.push(`${key} is not in the build's manifest`);
      return;
    }
    const inside = modules.page[chunk.file];
    if (inside === undefined && chunk.file.endsWith(".js")) problems.push(`the modules of ${chunk.file} are not known`);
    for (const id of inside ?? [])
      if (NOT_IN_THE_PAGE.some((room) => id.startsWith(room))) problems.push(`${chunk.file} has ${id} in it`);
    for (const next of [...(chunk.imports ?? []), ...(chunk.dynamicImports ?? [])]) visit(next);
  };
  visit(entry);
  const looked = [...seen].flatMap((key) => modules.page[manifest[key]?.file] ?? []);
  if (!looked.some((id) => id.startsWith("app/")))
    problems.push("no module of ours was looked at in the page's chunks");
  if (!Object.values(modules.workers).some((ids) => ids.some((id) => id.startsWith("app/engine/"))))
    problems.push("no worker has the engine in it: the rooms are not where they are looked for");
  return problems;
}

/** The worker that is made of a module, by its file; undefined when there is none. */
export function workerOf(modules, module) {
  return Object.entries(modules.workers).find(([, ids]) => ids.includes(module))?.[0];
}
