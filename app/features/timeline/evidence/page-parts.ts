import type { PageParts } from "../../../protocol/pack/pack-page.ts";
// The page's program is bundled by itself, as one file: this page loads it as text, and only when a pack is made.
import codeUrl from "./page/main.ts?worker&url";
import styles from "./page/page.css?inline";

/** Program and styles of a pack's page; null in development, where nothing is bundled and a page would not stand alone. */
export async function pageParts(): Promise<PageParts | null> {
  if (import.meta.env.DEV) return null;
  const answer = await fetch(codeUrl);
  if (!answer.ok) throw new Error("the program of the evidence page could not be loaded");
  const code = await answer.text();
  return { code: code.replace(/\n?\/\/# sourceMappingURL=\S*\s*$/, ""), styles };
}
