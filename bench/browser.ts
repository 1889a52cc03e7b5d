import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "@playwright/test";
import type { BenchPage } from "./page/page.ts";

/** Chromium with a profile on the disk, which incognito windows do not have: storage is measured as people have it. */
export interface BenchBrowser {
  readonly context: BrowserContext;
  readonly version: string;
  /** A new page at an address. */
  open(address: string): Promise<Page>;
  close(): Promise<void>;
}

export interface BrowserOptions {
  readonly executablePath: string | undefined;
  readonly flags: readonly string[];
}

export async function launchBrowser({ executablePath, flags }: BrowserOptions): Promise<BenchBrowser> {
  const profile = await mkdtemp(join(tmpdir(), "signalbox-bench-"));
  const remove = (): Promise<void> => rm(profile, { recursive: true, force: true, maxRetries: 5 });
  try {
    const context = await chromium.launchPersistentContext(profile, {
      headless: true,
      args: [...flags],
      viewport: { width: 1440, height: 900 },
      ...(executablePath === undefined ? {} : { executablePath }),
    });
    return {
      context,
      version: context.browser()?.version() ?? "unknown",
      open: async (address) => {
        const page = await context.newPage();
        await page.goto(address);
        return page;
      },
      close: async () => {
        await context.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Calls the bench's page by name. What the page gives is what its worker measured, so the caller says what that is. */
export function callPage<T>(page: Page, name: keyof BenchPage, input: unknown): Promise<T> {
  return page.evaluate(
    async ([method, argument]) => {
      const bench = window.bench as unknown as Record<string, (input: unknown) => Promise<unknown>>;
      return (await bench[method as string]?.(argument)) as T;
    },
    [name, input] as const,
  );
}
