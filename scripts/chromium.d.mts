export function chromiumExecutable(): string | undefined;
export function chromiumFlags(): string[];
export function ensureChromium(): boolean;
