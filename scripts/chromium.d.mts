export function chromiumExecutable(): string | undefined;
export function chromiumFlags(): string[];
export function ensureChromium(): boolean;
type Run = (command: string, args: readonly string[], env?: Readonly<Record<string, string>>) => boolean;
export function installDebianPackage(run?: Run): boolean;
export const runQuietly: Run;
