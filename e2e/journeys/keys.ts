import type { Page } from "@playwright/test";

/** Presses keys and counts them; a chord is as many keys as it has. */
export class Keys {
  count = 0;
  readonly #page: Page;
  constructor(page: Page) {
    this.#page = page;
  }
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.count += key.split("+").length;
      await this.#page.keyboard.press(key);
    }
  }
  /** Free text is not counted (journeys.md). */
  async write(text: string): Promise<void> {
    await this.#page.keyboard.type(text);
  }
}
