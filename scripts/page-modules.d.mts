interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
}
interface Modules {
  readonly page: Readonly<Record<string, readonly string[]>>;
  readonly workers: Readonly<Record<string, readonly string[]>>;
}
export function leaksIn(manifest: Readonly<Record<string, Chunk>>, modules: Modules, entry: string): string[];
export function workerOf(modules: Modules, module: string): string | undefined;
