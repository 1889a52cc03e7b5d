import type { Page } from "@playwright/test";

/** Claims of every token of one type in the log of this profile, in order, read from storage behind the console's back. */
export function claimsInLog<Claims>(page: Page, typ: string): Promise<readonly Claims[]> {
  return page.evaluate(async (wanted) => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open("signalbox");
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const frames = await new Promise<{ entries: { token: string }[] }[]>((resolve) => {
      const reading = database.transaction("frames").objectStore("frames").getAll();
      reading.onsuccess = () => resolve(reading.result);
    });
    database.close();
    const part = (token: string, at: number) =>
      JSON.parse(atob((token.split(".")[at] ?? "").replaceAll("-", "+").replaceAll("_", "/")));
    return frames
      .flatMap(({ entries }) => entries.map(({ token }) => token))
      .filter((token) => token.split(".").length === 3 && part(token, 0).typ === wanted)
      .map((token) => part(token, 1));
  }, typ);
}
