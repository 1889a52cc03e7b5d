import { compile } from "tailwindcss";
import preflight from "tailwindcss/index.css?raw";
import theme from "../../ui/theme.css?raw";

/**
 * The console's real styles in a test: what is in view, and what lies over what, is only true with them. Compiled here from
 * the sources of the components that are drawn.
 */
const SOURCES: Readonly<Record<string, string>> = {
  ...import.meta.glob<string>("../../ui/*.tsx", { query: "?raw", import: "default", eager: true }),
  ...import.meta.glob<string>("./**/*.tsx", { query: "?raw", import: "default", eager: true }),
};

export async function addStyles(extra: string): Promise<HTMLStyleElement> {
  const compiler = await compile(theme, {
    loadStylesheet: async (id, base) => ({ path: id, base, content: preflight }),
  });
  const candidates = Object.values(SOURCES).flatMap((source) => source.split(/[\s"'`{}]+/));
  const style = document.createElement("style");
  style.textContent = `${compiler.build([...new Set(candidates)])}\n${extra}`;
  document.head.append(style);
  return style;
}
