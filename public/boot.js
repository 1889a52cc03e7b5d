// Before the first paint: the chosen theme, and no attempts of the schema library to compile code, which the policy forbids.
globalThis.__zod_globalConfig = { jitless: true };
(() => {
  let chosen = "system";
  try {
    chosen = localStorage.getItem("signalbox.theme") ?? "system";
  } catch {
    // Storage is blocked: the system's theme it is.
  }
  const dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
