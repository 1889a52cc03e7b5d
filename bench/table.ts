import type { Measurement } from "./measurement.ts";

/** A plain table, one line a figure. */
export function formatTable(measurements: readonly Measurement[]): string {
  const head = ["row", "where", "what", "value", "floor", "ratio", "spread", "floor is"];
  const lines = measurements.map((measured) => [
    measured.row,
    measured.where,
    measured.label,
    `${formatNumber(measured.value)} ${measured.unit}`,
    `${formatNumber(measured.floor)} ${measured.floorUnit}`,
    measured.ratio.toFixed(2),
    `${(measured.spread * 100).toFixed(0)} %`,
    measured.floorLabel,
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)));
  return [head, ...lines].map((line) => formatLine(line, widths)).join("\n");
}

/** Details of each figure, indented below its name. */
export function formatDetails(measurements: readonly Measurement[]): string {
  return measurements
    .filter((measured) => Object.keys(measured.details).length > 0)
    .map((measured) => {
      const details = Object.entries(measured.details).map(
        ([name, value]) => `  ${name}: ${typeof value === "number" ? formatNumber(value) : value}`,
      );
      return [`${measured.row} (${measured.where}), ${measured.label}`, ...details].join("\n");
    })
    .join("\n");
}

const NUMERIC_COLUMNS: ReadonlySet<number> = new Set([3, 4, 5, 6]);

function formatLine(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) =>
      NUMERIC_COLUMNS.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    )
    .join("  ")
    .trimEnd();
}

/** Three digits that count; whole numbers from 100 on. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en-GB", { minimumFractionDigits: 0, maximumFractionDigits: digits });
}
