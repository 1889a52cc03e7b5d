export interface ModuleRefs {
  readonly eager: string[];
  readonly lazy: string[];
  readonly computed: string[];
}
export function moduleRefs(file: string, source: string): ModuleRefs;
