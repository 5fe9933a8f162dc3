import {
  type DifferenceRow,
  type Explanation,
  exact,
  type Integer,
  type PublishedExplanation,
  reportToJson,
} from "@opcounter/counters";
import { counted, grouped } from "@opcounter/ir";
import { tableInCsv } from "./csv.ts";
import type { DataTable } from "./data-table.ts";
import { tableInLatex } from "./latex.ts";
import { fold } from "./lines.ts";
import { markdownText, tableInMarkdown } from "./markdown.ts";
import { signed } from "./numbers.ts";
import { withVisibleTexts } from "./visible.ts";

/** The formats of `explain`, for two conventions and for a published figure. */
export const EXPLANATION_FORMATS: Readonly<
  Record<"text" | "md" | "csv" | "latex" | "json", ExplanationFormat>
> = {
  text: {
    explanation: (found, width) => renderExplanation(withVisibleTexts(found), width),
    published: (found, width) => renderPublished(withVisibleTexts(found), width),
  },
  md: {
    explanation: (found) => inMarkdown(titleOf(found), differencesTable(found), sumLines(found)),
    published: (found) =>
      inMarkdown(`A figure by ${found.convention}`, partsTable(found), unseenLines(found)),
  },
  csv: {
    explanation: (found) => tableInCsv(differencesTable(found)),
    published: (found) => tableInCsv(partsTable(found)),
  },
  latex: {
    explanation: (found) => tableInLatex(differencesTable(found)),
    published: (found) => tableInLatex(partsTable(found)),
  },
  json: { explanation: (found) => reportToJson(found), published: (found) => reportToJson(found) },
};
export type ExplanationFormatName = keyof typeof EXPLANATION_FORMATS;

interface ExplanationFormat {
  readonly explanation: (found: Explanation, width: number) => string;
  readonly published: (found: PublishedExplanation, width: number) => string;
}

const NAMES = { macs: "MACs", flops: "FLOPs" } as const;

/** The column where the words begin, right of the numbers. */
const TEXT_COLUMN = 20;

/** Why two conventions differ, kernel by kernel. */
function renderExplanation(explanation: Explanation, width: number): string {
  const { convention, against, rows } = explanation;
  const parts = rows.map(({ kernel, ops, rule, againstRule, ...row }) =>
    [
      `${signed(row.difference).padStart(18)}  ${kernel}, ${counted(ops, "time")}`,
      besideNumbers(`${convention}: ${rule}${amount(row.total)}`, width),
      besideNumbers(`${against}: ${againstRule}${amount(row.againstTotal)}`, width),
    ].join("\n"),
  );
  return [
    titleOf(explanation),
    "",
    ...parts.flatMap((part) => [part, ""]),
    fold(
      `${signed(explanation.difference).padStart(18)}  ${inAll(explanation)}`,
      width,
      TEXT_COLUMN + 2,
    ),
    besideNumbers(agreement(explanation), width),
    ...differentFigures(explanation).flatMap((line) => ["", fold(line, width)]),
  ].join("\n");
}

function titleOf({ model, convention, against }: Explanation): string {
  return `${model}: ${convention} against ${against}`;
}

/** What the differences add up to. */
function inAll({ convention, against, ...found }: Explanation): string {
  const { total, againstTotal, figure, againstFigure } = found;
  return `in all: ${grouped(total)} ${NAMES[figure]} (${convention}) − ${grouped(againstTotal)} ${NAMES[againstFigure]} (${against})`;
}

function agreement({ agreeing: { ops, total } }: Explanation): string {
  return `They agree on ${counted(ops, "op")}, which ${ops === 1 ? "counts" : "count"} ${grouped(total)}.`;
}

function besideNumbers(text: string, width: number): string {
  return fold(`${" ".repeat(TEXT_COLUMN)}${text}`, width, TEXT_COLUMN + 2);
}

/** A note where one convention counts MACs and the other FLOPs, which are 2 per MAC. */
function differentFigures(explanation: Explanation): string[] {
  const { convention, against, figure, againstFigure, total, againstTotal } = explanation;
  if (figure === againstFigure) return [];
  const [name, flops] = figure === "flops" ? [convention, total] : [against, againstTotal];
  return [
    `${name} counts FLOPs, 2 per MAC: half of them is ${grouped(exact(BigInt(flops) / 2n))}.`,
  ];
}

/** What stands below a table of differences. */
function sumLines(explanation: Explanation): string[] {
  const { difference } = explanation;
  return [
    `${signed(difference)} ${inAll(explanation)}`,
    agreement(explanation),
    ...differentFigures(explanation),
  ];
}

/** A row for ops that the two count by the same two rules. */
function differencesTable({ convention, against, rows }: Explanation): DataTable<DifferenceRow> {
  return {
    columns: [
      { title: "kernel", align: "left", rank: 0, value: ({ kernel }) => kernel },
      { title: "ops", align: "right", rank: 0, value: ({ ops }) => ops },
      { title: `rule of ${convention}`, align: "left", rank: 0, value: ({ rule }) => rule },
      {
        ...{ title: convention, align: "right", rank: 0, value: ({ total }) => total },
        text: ({ total }) => grouped(total),
      },
      {
        ...{ title: `rule of ${against}`, align: "left", rank: 0 },
        value: ({ againstRule }) => againstRule,
      },
      {
        ...{ title: against, align: "right", rank: 0, value: ({ againstTotal }) => againstTotal },
        text: ({ againstTotal }) => grouped(againstTotal),
      },
      {
        ...{ title: "difference", align: "right", rank: 0, value: ({ difference }) => difference },
        text: ({ difference }) => signed(difference),
      },
    ],
    rows,
  };
}

function inMarkdown<R>(title: string, table: DataTable<R>, lines: readonly string[]): string {
  return [
    `### ${markdownText(title)}`,
    tableInMarkdown(table),
    ...lines.map((line) => markdownText(line)),
  ].join("\n\n");
}

/** How much of a published figure a convention explains. */
function renderPublished(explanation: PublishedExplanation, width: number): string {
  const lines = partsOf(explanation).map(({ amount, isDifference, what }) =>
    fold(
      `${(isDifference ? signed(amount) : grouped(amount)).padStart(18)}  ${what}`,
      width,
      TEXT_COLUMN,
    ),
  );
  const unseen = unseenLines(explanation);
  return [...lines, ...(unseen.length === 0 ? [] : ["", ...unseen])].join("\n");
}

/** What a published figure is made of. */
interface Part {
  readonly amount: Integer;
  /** Whether it is added to what stands above it. */
  readonly isDifference: boolean;
  readonly what: string;
}

/** The exact sum, what comes to it, and the figure that was published. */
function partsOf(explanation: PublishedExplanation): Part[] {
  const { convention, published, within, float32Rounding, writtenRounding, residue } = explanation;
  const isRounded = within !== 0;
  const isDifference = true;
  return [
    {
      ...{ amount: explanation.exact, isDifference: false },
      what: `the exact sum by the rules of ${convention}`,
    },
    {
      ...{ amount: float32Rounding, isDifference },
      what: "because the tool adds the ops up in float32, in order of execution",
    },
    ...(isRounded
      ? [
          {
            ...{ amount: writtenRounding, isDifference },
            what: `because the figure is written in few digits${writtenRounding === 0 ? "" : ": it is equal as precisely as it is written"}`,
          },
        ]
      : []),
    {
      ...{ amount: residue, isDifference },
      what: residue === 0 ? "unexplained" : "unexplained: other rules, or another model",
    },
    {
      ...{ amount: published, isDifference: false },
      what: `as published${isRounded ? `, written to within ${grouped(within)}` : ""}`,
    },
  ];
}

function partsTable(explanation: PublishedExplanation): DataTable<Part> {
  return {
    columns: [
      { title: "what", align: "left", rank: 0, value: ({ what }) => what },
      {
        ...{ title: "amount", align: "right", rank: 0, value: ({ amount }) => amount },
        text: ({ amount, isDifference }) => (isDifference ? signed(amount) : grouped(amount)),
      },
    ],
    rows: partsOf(explanation),
  };
}

function unseenLines({ convention, unseen }: PublishedExplanation): string[] {
  if (unseen.length === 0) return [];
  return [
    `${convention} cannot see, and counts nothing for:`,
    ...unseen.map(({ scope, className }) => `  ${scope} (${className})`),
  ];
}

function amount(value: Integer): string {
  return value === 0 ? "" : ` = ${grouped(value)}`;
}
