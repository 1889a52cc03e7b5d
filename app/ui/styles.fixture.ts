import { compile } from "tailwindcss";
import preflight from "tailwindcss/index.css?raw";
import theme from "./theme.css?raw";

const SOURCES = import.meta.glob<string>("./*.{ts,tsx}", { query: "?raw", import: "default", eager: true });

/**
 * The console's real styles in a test, of the shared components and of what else it draws, given as source text: how wide
 * something is and where it lies is only true with them.
 */
export async function addStylesOf(own: Readonly<Record<string, string>>): Promise<HTMLStyleElement> {
  const compiler = await compile(theme, {
    loadStylesheet: async (id, base) => ({ path: id, base, content: preflight }),
  });
  const candidates = [...Object.values(SOURCES), ...Object.values(own)].flatMap((source) => source.split(/[\s"'`{}]+/));
  const style = document.createElement("style");
  style.textContent = compiler.build([...new Set(candidates)]);
  document.head.append(style);
  return style;
}
