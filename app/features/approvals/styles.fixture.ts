import { addStylesOf } from "../../ui/styles.fixture.ts";

const SOURCES = import.meta.glob<string>("./**/*.tsx", { query: "?raw", import: "default", eager: true });

/** The console's real styles in a test, of the components that this pane draws, and more of a test's own. */
export async function addStyles(extra: string): Promise<HTMLStyleElement> {
  const style = await addStylesOf(SOURCES);
  style.append(extra);
  return style;
}
