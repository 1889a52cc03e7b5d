export function testTitles(file: string, source: string): string[];
