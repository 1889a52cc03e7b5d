type Run = (command: string, args: readonly string[], env?: Readonly<Record<string, string>>) => boolean;
type Spawn = (
  command: string,
  args: readonly string[],
  options: { readonly stdio: "ignore" },
) => { readonly status: number | null };
export function ensurePython(): boolean;
export function hasPython(run?: Spawn): boolean;
export function installPythonPackage(run?: Run): boolean;
