import { reportToJson } from "@opcounter/counters";
import {
  type Advice,
  type AdviceFinding,
  type Advised,
  counted,
  formatScope,
  grouped,
  type SavedAmount,
  savedTogether,
  savingsInWords,
} from "@opcounter/ir";
import { tableInCsv } from "./csv.ts";
import type { DataColumn, DataTable } from "./data-table.ts";
import { tableInLatex } from "./latex.ts";
import { fold } from "./lines.ts";
import { markdownText } from "./markdown.ts";
import { withVisibleTexts } from "./visible.ts";

/** What was found, how many places of it are shown, and the most characters in a line. */
type AdviceFormat = (found: Advised, top: number | undefined, width: number) => string;

/** How many places of one remedy people are shown. */
export const PLACES = 5;

/** The formats of `advise`. csv, latex and json have every place, or as many as are asked for. */
export const ADVICE_FORMATS: Readonly<
  Record<"text" | "md" | "csv" | "latex" | "json", AdviceFormat>
> = {
  text: (found, top = PLACES, width) => renderAdvice(withVisibleTexts(found), top, width),
  md: (found, top = PLACES) => inMarkdown(found, top),
  csv: (found, top) => tableInCsv(placesTable(found, top)),
  latex: (found, top) => tableInLatex(placesTable(found, top)),
  json: ({ advice, findings }, top) => reportToJson({ advice: advice.slice(0, top), findings }),
};
export type AdviceFormatName = keyof typeof ADVICE_FORMATS;

/** Places with the same remedy, the one that saves the most first. */
interface Remedy {
  readonly remedy: string;
  readonly places: readonly Advice[];
}

/** Remedies in the order of the place that saves the most. */
function byRemedy(advice: readonly Advice[]): Remedy[] {
  const remedies = new Map<string, Advice[]>();
  for (const place of advice) {
    remedies.set(place.remedy, [...(remedies.get(place.remedy) ?? []), place]);
  }
  return [...remedies].map(([remedy, places]) => ({ remedy, places }));
}

const NOTHING = "Nothing found that could be changed.";

/** The advice by remedy, each with the places that save the most; then what has no remedy. */
function renderAdvice({ advice, findings }: Advised, top: number, width: number): string {
  if (advice.length === 0 && findings.length === 0) return NOTHING;
  const places = (all: readonly AdviceFinding[]) => [
    ...all.slice(0, top).map((place) => fold(`   - ${describePlace(place)}`, width, 5)),
    ...(all.length > top ? [`   … and ${counted(all.length - top, "more place")}`] : []),
  ];
  const remedies = byRemedy(advice).map(({ remedy, places: all }, i) =>
    [
      fold(`${i + 1}. ${remedy}`, width, 3),
      fold(`   ${savingsInWords(savedTogether(all))}`, width, 3),
      ...places(all),
    ].join("\n"),
  );
  if (findings.length > 0) {
    remedies.push(["Found, but without a remedy:", ...places(findings)].join("\n"));
  }
  return remedies.join("\n\n");
}

/** The same for a pull request: a list. */
function inMarkdown({ advice, findings }: Advised, top: number): string {
  if (advice.length === 0 && findings.length === 0) return NOTHING;
  const places = (all: readonly AdviceFinding[]) => [
    ...all.slice(0, top).map((place) => `   - ${markdownText(describePlace(place))}`),
    ...(all.length > top ? [`   - … and ${counted(all.length - top, "more place")}`] : []),
  ];
  const remedies = byRemedy(advice).map(({ remedy, places: all }, i) =>
    [
      `${i + 1}. **${markdownText(remedy)}** ${savingsInWords(savedTogether(all))}`,
      ...places(all),
    ].join("\n"),
  );
  const rest = findings.length === 0 ? [] : ["Found, but without a remedy:", ...places(findings)];
  return [...remedies, rest.join("\n")].join("\n\n").trimEnd();
}

/** A place of some advice, or a finding, which has no remedy and saves nothing. */
type Place = AdviceFinding & Partial<Pick<Advice, "remedy" | "saves">>;

const SAVINGS: readonly (readonly [name: SavedAmount, title: string])[] = [
  ["ops", "ops"],
  ["dispatches", "dispatches"],
  ["bytesRead", "bytes read"],
  ["bytesWritten", "bytes written"],
  ["bytesUploaded", "bytes uploaded"],
  ["hostOps", "ops on host"],
  ["waits", "waits"],
  ["bytesStored", "bytes of download"],
  ["milliseconds", "ms"],
];

/** A row for each place, with what a pass saves there; then what has no remedy. */
function placesTable({ advice, findings }: Advised, top: number | undefined): DataTable<Place> {
  return {
    columns: [
      { title: "rule", align: "left", rank: 0, value: ({ rule }) => rule },
      { title: "scope", align: "left", rank: 0, value: ({ scope }) => formatScope(scope) },
      {
        ...{ title: "ops found", align: "left", rank: 0 },
        value: ({ ops }) => ops.map((id) => `%${id}`).join(" "),
      },
      { title: "finding", align: "left", rank: 0, value: ({ finding }) => finding },
      { title: "remedy", align: "left", rank: 0, value: ({ remedy }) => remedy ?? "" },
      ...(advice.some(({ saves }) => saves.of !== undefined) ? [PASS] : []),
      ...SAVINGS.map(([name, title]): DataColumn<Place> => {
        const value = ({ saves }: Place) => saves?.[name] ?? null;
        const text = (place: Place) => (value(place) ? grouped(value(place) ?? 0) : "");
        return { title: `saves ${title}`, align: "right", rank: 0, value, text };
      }),
    ],
    rows: [...advice.slice(0, top), ...findings],
  };
}

/** What it saves is of the forward pass alone, in some of the advice on a training step. */
const PASS: DataColumn<Place> = {
  ...{ title: "saves in", align: "left", rank: 0 },
  value: ({ saves }) => (saves === undefined ? null : (saves.of ?? "step")),
};

function describePlace({ scope, ops: [first], finding }: AdviceFinding): string {
  if (scope.length > 0) return `${formatScope(scope)}: ${finding}`;
  return first === undefined ? finding : `%${first}: ${finding}`;
}
