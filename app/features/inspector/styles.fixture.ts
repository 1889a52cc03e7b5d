import { compile } from "tailwindcss";
import preflight from "tailwindcss/index.css?raw";
import theme from "../../ui/theme.css?raw";

/** The console's real styles in a test, of the components that this pane draws: how wide something is, is only true with them. */
const SOURCES: Readonly<Record<string, string>> = {
  ...import.meta.glob<string>("../../ui/*.{ts,tsx}", { query: "?raw", import: "default", eager: true }),
  ...import.meta.glob<string>("./*.tsx", { query: "?raw", import: "default", eager: true }),
};

export async function addStyles(): Promise<HTMLStyleElement> {
  const compiler = await compile(theme, {
    loadStylesheet: async (id, base) => ({ path: id, base, content: preflight }),
  });
  const candidates = Object.values(SOURCES).flatMap((source) => source.split(/[\s"'`{}]+/));
  const style = document.createElement("style");
  style.textContent = compiler.build([...new Set(candidates)]);
  document.head.append(style);
  return style;
}
