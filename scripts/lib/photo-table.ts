/** The table of `scripts/measure-photos.ts`: a column for each objective, a line for each figure. */
import type { ProtectionReport } from "../../src/core/contract/protected-picture.ts";
import type { PictureErrors } from "../../src/core/engine/prediction.ts";

/** JPEG quality, on libjpeg's scale, at which the pictures are encoded again as a site would. */
export const SITE_QUALITY = 75;

/** One photograph under one objective. */
export interface Row {
  readonly file: string;
  readonly objective: string;
  readonly report: ProtectionReport;
  /** After a site encoded the finished file again, halved it, or did both. */
  readonly jpeg: PictureErrors;
  readonly half: PictureErrors;
  readonly halfAndJpeg: PictureErrors;
  /** Largest change when the same photograph is protected as PNG; only with `--png`. */
  readonly pngMaxChange?: number;
}

/** All that a run measured. */
export interface Measured {
  readonly rows: readonly Row[];
  readonly objectives: readonly string[];
  /** Number of photographs. */
  readonly photographs: number;
  /** Duration of the whole run. */
  readonly seconds: number;
  /** Whether the rows have figures of PNG files. */
  readonly png: boolean;
}

type Pick = (values: number[]) => number;

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** One line of the table: a figure of each row, and what is made of these. */
interface Column {
  readonly title: string;
  readonly value: (row: Row) => number;
  readonly digits: number;
  /** The mean unless told otherwise. */
  readonly pick?: Pick;
}

const lowest: Pick = (values) => Math.min(...values);
const highest: Pick = (values) => Math.max(...values);

/** Before, after, its lowest, and after what sites do to a picture. */
function errorColumns(title: string, kind: "featureError" | "labelError" | "bayesError"): readonly Column[] {
  const after = (row: Row) => row.report[`${kind}After`] as number;
  return [
    { title: `${title} before`, value: ({ report }) => report[`${kind}Before`] as number, digits: 3 },
    { title: `${title} after`, value: after, digits: 3 },
    { title: "... lowest of all", value: after, digits: 3, pick: lowest },
    { title: `... after JPEG ${SITE_QUALITY}`, value: ({ jpeg }) => jpeg[kind] as number, digits: 3 },
    { title: "... after halving", value: ({ half }) => half[kind] as number, digits: 3 },
    { title: "... after both", value: ({ halfAndJpeg }) => halfAndJpeg[kind] as number, digits: 3 },
  ];
}

const growth = ({ report }: Row) => report.bytesOut / report.bytesIn;

const COLUMNS: readonly Column[] = [
  ...errorColumns("feature error", "featureError"),
  ...errorColumns("label error", "labelError"),
  ...errorColumns("Bayes error", "bayesError"),
  { title: "PSNR, dB", value: ({ report }) => report.psnr, digits: 2 },
  { title: "... lowest of all", value: ({ report }) => report.psnr, digits: 2, pick: lowest },
  { title: "SSIM", value: ({ report }) => report.ssim, digits: 4 },
  { title: "... lowest of all", value: ({ report }) => report.ssim, digits: 4, pick: lowest },
  { title: "bytes after / before", value: growth, digits: 2 },
  { title: "... least", value: growth, digits: 2, pick: lowest },
  { title: "... most", value: growth, digits: 2, pick: highest },
];

const PNG_COLUMN: Column = {
  title: "largest change as PNG, 255ths",
  value: ({ pngMaxChange }) => pngMaxChange ?? Number.NaN,
  digits: 0,
  pick: highest,
};

const TIME_COLUMN: Column = { title: "seconds", value: ({ report }) => report.seconds.total, digits: 1 };

export function table({ rows, objectives, photographs, seconds, png }: Measured): string {
  const line = ({ title, value, digits, pick = mean }: Column) =>
    `| ${title} | ${objectives.map((o) => pick(rows.filter((r) => r.objective === o).map(value)).toFixed(digits)).join(" | ")} |`;
  const [{ report } = { report: undefined }] = rows;
  return [
    `${photographs} photographs, budget ${Math.round((report?.epsilon ?? 0) * 255)}/255, ${report?.steps} steps, ${report?.surrogate} on ` +
      `${report?.backend}, ${seconds.toFixed(0)} s in all. Means, measured on the finished file decoded again.`,
    "",
    `| | ${objectives.join(" | ")} |`,
    `| --- | ${objectives.map(() => "---:").join(" | ")} |`,
    ...[...COLUMNS, ...(png ? [PNG_COLUMN] : []), TIME_COLUMN].map(line),
    "",
  ].join("\n");
}
