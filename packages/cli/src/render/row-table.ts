import { type CostReport, exact } from "@opcounter/counters";
import { counted, namesToChoose, OpcounterError } from "@opcounter/ir";
import { aliveByRow } from "./alive.ts";
import { bar } from "./bars.ts";
import type { Cells, Column } from "./columns.ts";
import type { DataColumn, DataTable } from "./data-table.ts";
import { type Figure, figuresOf, headlineOf, orderOf, type Units } from "./figures.ts";
import type { Style } from "./lines.ts";
import { percent } from "./numbers.ts";
import type { Found } from "./output-format.ts";
import { isOfProgram } from "./program-report.ts";
import { type Grouping, type Row, type Rows, rowsOf } from "./rows.ts";
import type { CallingLine } from "./rows-by-line.ts";

/** Which rows a table has, and what of them. */
export interface RowTableOptions {
  readonly by: Grouping;
  /** Scopes that are deeper than this have no row of their own. */
  readonly depth: number;
  /** How many rows are shown: those that cost the most. Undefined shows all. */
  readonly top: number | undefined;
  /** The figure that rows are sorted by, the highest first; see `checkSort`. */
  readonly sort: string | undefined;
  /** The columns in their order; undefined shows those that fit. */
  readonly columns: readonly string[] | undefined;
  readonly units: Units;
  /** The lines of the program that called the ops, for rows by line. */
  readonly lines: ReadonlyMap<number, CallingLine>;
  /** Whether each op's formula is shown with its numbers. */
  readonly verbose: boolean;
}

export interface RowTable {
  readonly columns: readonly Column[];
  readonly rows: readonly Cells[];
  /** The same for formats that print values, without bars. */
  readonly data: DataTable<Row>;
  /** What the rows that are not shown have, in words. */
  readonly leftOut: string | undefined;
}

/** The column of bars has no title. It comes and goes with the share that it draws. */
const BAR = "";
const BARS: Column = { title: BAR, align: "left", rank: 5.5, least: 8 };
const SHARE = "share";

/**
 * The rows of a report as a table.
 *
 * @param found what the report is about; its graph is read where memory is asked for.
 * @throws OpcounterError "option-invalid" where a column or a figure to sort by is asked for that
 *   these rows do not have.
 */
export function rowTable(
  report: CostReport,
  found: Pick<Found, "graph">,
  bars: Style["bars"],
  options: RowTableOptions,
): RowTable {
  const { by, depth, top, sort, verbose, units, lines } = options;
  const isSorted = top !== undefined || sort !== undefined;
  const asksForMemory = [sort, ...(options.columns ?? [])].includes("memory");
  const alive = asksForMemory
    ? aliveByRow(found.graph, report, { by, depth, isSorted, lines })
    : undefined;
  const all = rowsOf(report, { by, depth, isSorted, verbose, lines, alive });
  const chosen = choose(report, all, options);
  const { order, shareOf, whole } = chosen;
  const rows = isSorted ? sorted(all.rows, order) : all.rows;
  const shown = rows.slice(0, top);
  const partOf = ({ figures }: Row) => shareOf.valueIn(figures);
  const largest = Math.max(...shown.map((row) => Number(partOf(row) ?? 0)));
  return {
    columns: [all.first, ...chosen.columns],
    data: { columns: dataColumns(all.first, chosen, units), rows: shown },
    rows: shown.map((row): Cells => {
      const { name, words, figures, formula } = row;
      const cells = chosen.figures.map((figure) => {
        const value = figure.valueIn(figures);
        return [figure.title, value === null ? "" : figure.text(value, units)];
      });
      return {
        ...{ ...Object.fromEntries(cells), ...words, name },
        [chosen.shareTitle]: percent(partOf(row), whole),
        [BAR]: bar(Number(partOf(row) ?? 0), largest, bars),
        ...(formula === undefined ? {} : { formula }),
      };
    }),
    leftOut: leftOut(rows.slice(shown.length).map(partOf), chosen, units),
  };
}

/** Which figures a table shows, and which of them it is sorted by and gives shares of. */
interface Choice {
  readonly columns: readonly Column[];
  readonly figures: readonly Figure[];
  readonly order: Figure;
  readonly shareOf: Figure;
  readonly shareTitle: string;
  /** The whole that shares are of. */
  readonly whole: number | bigint | null;
}

function choose(report: CostReport, found: Rows, options: RowTableOptions): Choice {
  const { by, sort, columns } = options;
  const figures = figuresOf(report);
  const named = (name: string): Figure => {
    const figure = figures.find((each) => each.name === name);
    if (figure === undefined) throw noColumn(name, by, [...found.words.map(title), ...names]);
    const isKnown = found.rows.some((row) => figure.valueIn(row.figures) !== null);
    if (isKnown || found.rows.length === 0) return figure;
    throw new OpcounterError("option-invalid", `Rows by ${by} have no ${name} here`, {
      remedy: WHERE_KNOWN[name] ?? "choose another figure",
    });
  };
  const names = [SHARE, ...figures.map(({ name }) => name)];
  const ofProgram = isOfProgram(report);
  // A program need not multiply matrices.
  const hasNoMacs = ofProgram && Number(report.totals.macs) === 0;
  const headline = named(hasNoMacs ? "flops" : headlineOf(report));
  const order = named(sort ?? (hasNoMacs ? "flops" : orderOf(report)));
  const shareOf = order.addsUp ? order : headline;
  const share: Column = {
    title: shareOf === headline ? SHARE : `of ${shareOf.title}`,
    ...({ align: "right", rank: 7 } as const),
  };
  const columnOf = ({ title, rank }: Figure): Column => ({ title, align: "right", rank });
  const usual = () =>
    figures.flatMap((figure): Column[] => {
      if (ofProgram && OF_MODELS.has(figure.name)) return [];
      if (figure !== order) return figure.usual ? [columnOf(figure), ...ofShare(figure)] : [];
      return [{ ...columnOf(figure), rank: 9.5 }, ...ofShare(figure)];
    });
  const ofShare = (figure: Figure) => (figure === shareOf ? [share, BARS] : []);
  const asked = (name: string): Column[] => {
    if (name === SHARE) return [{ ...share, rank: ALWAYS }, BARS];
    const words = found.words.find((column) => column.title === name);
    return [words ?? columnOf(named(name))].map((column) => ({ ...column, rank: ALWAYS }));
  };
  const shown = columns?.flatMap(asked) ?? [...found.words, ...usual()];
  const { totals } = report;
  return {
    columns: shown,
    figures: figures.filter(({ title }) => shown.some((column) => column.title === title)),
    ...{ order, shareOf, shareTitle: share.title },
    whole: shareOf.valueIn({ ...totals, calls: null, shared: null, memory: null }),
  };
}

function dataColumns(
  first: Column,
  { columns, figures, shareOf, shareTitle, whole }: Choice,
  units: Units,
): DataColumn<Row>[] {
  const others = columns.filter((column) => column.title !== BAR);
  return [
    { ...first, value: ({ name }) => name.trim(), text: ({ name }) => name },
    ...others.map((column): DataColumn<Row> => {
      const { title } = column;
      const part = ({ figures }: Row) => shareOf.valueIn(figures);
      if (title === shareTitle) {
        const value = (row: Row) => Number(part(row)) / Number(whole) || null;
        return { ...column, value, text: (row) => percent(part(row), whole) };
      }
      const figure = figures.find((each) => each.title === title);
      const number = (row: Row) => figure?.valueIn(row.figures) ?? null;
      const text = (row: Row) => {
        const value = number(row);
        return row.words[title] ?? (value === null ? "" : (figure?.text(value, units) ?? ""));
      };
      return { ...column, value: (row) => row.words[title] ?? number(row), text };
    }),
  ];
}

/** Columns that say nothing of a recorded program. */
const OF_MODELS: ReadonlySet<string> = new Set(["params", "activations"]);

/** The rank of a column that is never left out. */
const ALWAYS = Number.POSITIVE_INFINITY;

const WHERE_KNOWN: Readonly<Record<string, string>> = {
  params: "use --by scope or --by owner",
  shared: "use --by owner",
  calls: "use --by owner",
  ops: "use another --by than op",
  time: "give --time, which measures it on a GPU",
  wallTime: "give --time, which measures it on a GPU",
};

function title(column: Column): string {
  return column.title;
}

function noColumn(name: string, by: Grouping, known: readonly string[]): OpcounterError {
  return new OpcounterError("option-invalid", `Rows by ${by} have no column "${name}".`, {
    remedy: namesToChoose(name, known),
  });
}

/** The rows with the highest first. Those of which the figure is not known come last. */
function sorted(rows: readonly Row[], { valueIn }: Figure): Row[] {
  const weight = ({ figures }: Row) => Number(valueIn(figures) ?? -1);
  return [...rows].sort((a, b) => weight(b) - weight(a));
}

/** `… 18 more rows, with 1.234 G of the MACs (30.2 %)` */
function leftOut(
  parts: readonly (number | bigint | null)[],
  { shareOf, whole }: Choice,
  units: Units,
): string | undefined {
  if (parts.length === 0) return undefined;
  const part = sumOf(parts);
  const share = percent(part, whole);
  const have = `${shareOf.text(part, units)} of the ${shareOf.title}${share && ` (${share})`}`;
  return `… ${counted(parts.length, "more row")}, with ${have}`;
}

/** Exact where all are integers. */
function sumOf(values: readonly (number | bigint | null)[]): number | bigint {
  const known = values.filter((value) => value !== null);
  const areIntegers = known.every((value) => typeof value === "bigint" || Number.isInteger(value));
  if (areIntegers) return exact(known.reduce<bigint>((sum, value) => sum + BigInt(value), 0n));
  return known.reduce<number>((sum, value) => sum + Number(value), 0);
}
