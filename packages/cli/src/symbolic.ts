import {
  type CostReport,
  evaluatePolynomial,
  exact,
  formatPolynomial,
  type Integer,
  interpolate,
  isNowhereGreater,
  type Polynomial,
} from "@opcounter/counters";
import { analyse, didYouMean, liveness, type Shape, UserError } from "@opcounter/ir";
import type { CountedGraph } from "./count-recorded.ts";
import { fold } from "./render/lines.ts";
import { uncountedLines, warningLines, withOps } from "./render/notes.ts";
import { visible } from "./render/visible.ts";
import type { InputToMake } from "./target/input-option.ts";

/** A dimension that costs can be expressed in. */
interface Dimension {
  /** The axis of each input it names. */
  readonly axis: number;
  /** The ranks of the inputs that have it. */
  readonly ranks: readonly number[];
  /** How far apart the sizes are that are tried, from the one that is given upwards. */
  readonly step: number;
}

/**
 * Images are tried in steps of 32, since networks halve them five times: between such sizes strides
 * round, and a cost is no polynomial.
 */
const DIMENSIONS: Readonly<Record<string, Dimension>> = {
  batch: { axis: 0, ranks: [1, 2, 3, 4, 5], step: 1 },
  height: { axis: 1, ranks: [4], step: 32 },
  width: { axis: 2, ranks: [4], step: 32 },
  sequence: { axis: 1, ranks: [2, 3], step: 8 },
};

/** Sizes tried along each dimension, in steps: enough for squares, and one more to check. */
const FITTED = [0, 1, 2];
const CHECKED = 4;

/** What one quantity is in the dimensions, or by how much it is no polynomial of them. */
export interface SymbolicCost {
  readonly quantity: string;
  readonly formula: string;
  /** The value at the size that was not fitted, minus what the formula gives there; 0 if it holds. */
  readonly residue: Integer | string;
  /**
   * The same at a size between those that were tried, where strides may round; null where no size
   * lies between, or the model does not run there.
   */
  readonly residueBetween: Integer | string | null;
}

export interface SymbolicReport
  extends Pick<CostReport, "model" | "convention" | "passes" | "uncounted" | "warnings"> {
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[];
  readonly dimensions: readonly {
    readonly name: string;
    readonly fitted: readonly number[];
    readonly checked: number;
    /** A size between those; the smallest one that was fitted where none lies between. */
    readonly between: number;
  }[];
  readonly costs: readonly SymbolicCost[];
}

/**
 * Costs as polynomials in named dimensions: traced at a few sizes, fitted exactly, and checked at a
 * size that was not fitted.
 *
 * @param runAt runs the model on inputs of the shapes given, and counts it.
 * @throws UserError where a dimension is unknown, no input has it, inputs have it in different
 *   sizes, or an input has fixed values.
 */
export async function symbolicCosts(
  names: readonly string[],
  inputs: readonly InputToMake[],
  runAt: (inputs: readonly InputToMake[]) => Promise<CountedGraph>,
): Promise<SymbolicReport> {
  const fixed = inputs.find(({ values }) => values !== undefined);
  if (fixed !== undefined) {
    throw new UserError(
      `Input ${fixed.name} is a file, of one size, and --symbolic runs the model at several; give its shape instead, such as --input ${fixed.name}=${fixed.shape.join("x")}.`,
    );
  }
  const dimensions = names.map((name) => placesOf(name, inputs));
  const measure = async (point: readonly number[]): Promise<Measured> => {
    const sized = inputs.map((input) => ({ ...input, shape: shapeAt(input.shape, names, point) }));
    const { graph, report } = await runAt(sized);
    const { bytesAt } = analyse(graph, liveness);
    return { report, costs: costsOf(report), bytesAt: Array.from(bytesAt, BigInt) };
  };
  const base = dimensions.map(({ fitted: [first = 1] }) => first);
  const given = await measure(base);
  const measured = new Map([[base.join(), given]]);
  for (const point of product(dimensions.map(({ fitted }) => fitted)).slice(1)) {
    measured.set(point.join(), await measure(point));
  }
  const checked = dimensions.map((dimension) => dimension.checked);
  const actual = await measure(checked);
  const between = dimensions.map((dimension) => dimension.between);
  // Some models run at multiples of a size only.
  const actualBetween = measured.has(between.join())
    ? undefined
    : await measure(between).catch(() => undefined);
  const fit = (pick: (at: Measured) => bigint | undefined) =>
    interpolate(
      names,
      dimensions.map(({ fitted }) => fitted),
      (point) => {
        const at = measured.get(point.join());
        return (at && pick(at)) ?? 0n;
      },
    );
  const costs = [...actual.costs].map(([quantity, value]): SymbolicCost => {
    const cost =
      quantity === "peakBytes"
        ? fitPeak([...measured.values()], fit, base)
        : [fit(({ costs }) => costs.get(quantity))];
    const valueBetween = actualBetween?.costs.get(quantity);
    return {
      quantity,
      formula: formatGreatest(cost),
      residue: residueAt(cost, checked, value),
      residueBetween: valueBetween === undefined ? null : residueAt(cost, between, valueBetween),
    };
  });
  const { model, convention, passes, warnings } = given.report;
  return {
    model,
    convention,
    passes,
    inputs: inputs.map(({ name, shape }) => ({ name, shape })),
    dimensions,
    costs,
    uncounted: uncountedAnywhere([...measured.values(), actual]),
    warnings: [...warnings, ...boundsWarning(given.report)],
  };
}

/** Says which kernels a formula counts by an upper bound. */
function boundsWarning({ bounds }: CostReport): string[] {
  if (bounds === null) return [];
  return [
    `FLOPs count ${withOps(bounds.kernels)} by upper bounds, since values decide their work.`,
  ];
}

/** What was counted at one size. */
interface Measured {
  readonly report: CostReport;
  readonly costs: ReadonlyMap<string, bigint>;
  /** By op: the bytes that are alive while it runs. */
  readonly bytesAt: readonly bigint[];
}

/** The kernels that are uncounted at any size, with the most ops that each has at one. */
function uncountedAnywhere(measured: readonly Measured[]): CostReport["uncounted"] {
  const most = new Map<string, number>();
  for (const { kernel, ops } of measured.flatMap(({ report }) => report.uncounted)) {
    most.set(kernel, Math.max(ops, most.get(kernel) ?? 0));
  }
  return [...most].map(([kernel, ops]) => ({ kernel, ops }));
}

/** A cost as the greatest of several polynomials. Of all but peak memory there is one. */
type Greatest = readonly Polynomial[];

/**
 * Peak memory is what is alive at the worst op, and which op that is may change with the size: it is
 * the greatest of what is alive at each, where the ops are the same at all sizes. What is never the
 * greatest from the smallest size on is left out.
 */
function fitPeak(
  measured: readonly Measured[],
  fit: (pick: (at: Measured) => bigint | undefined) => Polynomial,
  base: readonly number[],
): Greatest {
  const [first] = measured;
  const isSame = measured.every(({ bytesAt }) => bytesAt.length === first?.bytesAt.length);
  if (first === undefined || first.bytesAt.length === 0 || !isSame) {
    return [fit(({ costs }) => costs.get("peakBytes"))];
  }
  const places = new Map(
    first.bytesAt.map((_, op) => [measured.map(({ bytesAt }) => bytesAt[op]).join(), op]),
  );
  const greatest: Polynomial[] = [];
  for (const op of places.values()) {
    const polynomial = fit(({ bytesAt }) => bytesAt[op]);
    if (greatest.some((other) => isNowhereGreater(polynomial, other, base))) continue;
    const kept = greatest.filter((other) => !isNowhereGreater(other, polynomial, base));
    greatest.splice(0, greatest.length, ...kept, polynomial);
  }
  return greatest;
}

/** `300774272·batch`, or `max(32·batch + 816000, 4000·batch + 48004)`. */
function formatGreatest(cost: Greatest): string {
  const each = cost.map(formatPolynomial);
  return each.length === 1 ? each.join() : `max(${each.join(", ")})`;
}

/** A value minus what a formula gives at that place; as a fraction where that is none. */
function residueAt(cost: Greatest, place: readonly number[], value: bigint) {
  const { top, bottom } = cost
    .map((polynomial) => evaluatePolynomial(polynomial, place))
    .reduce((a, b) => (a.top * b.bottom < b.top * a.bottom ? b : a));
  const residue = value * bottom - top;
  return bottom === 1n ? exact(residue) : `${residue}/${bottom}`;
}

function placesOf(name: string, inputs: readonly InputToMake[]) {
  const dimension = Object.hasOwn(DIMENSIONS, name) ? DIMENSIONS[name] : undefined;
  if (dimension === undefined) {
    const known = Object.keys(DIMENSIONS);
    throw new UserError(
      `There is no dimension "${name}".${didYouMean(name, known)} There are ${known.join(", ")}.`,
    );
  }
  const sizes = inputs.flatMap(({ name: input, shape }) => {
    const size = dimension.ranks.includes(shape.length) ? shape[dimension.axis] : undefined;
    return size === undefined ? [] : [{ input, size }];
  });
  const [first] = sizes;
  if (first === undefined) throw new UserError(`No input has the dimension ${name}.`);
  const base = first.size;
  // One name is one number: were they all given the first one's size, the formula would be wrong.
  const other = sizes.find(({ size }) => size !== base);
  if (other !== undefined) {
    throw new UserError(
      `--symbolic ${name} is one size for all inputs, and ${first.input} has ${base} there where ${other.input} has ${other.size}; give both the same size by --input, or leave ${name} out.`,
    );
  }
  const at = (steps: number) => base + steps * dimension.step;
  const between = dimension.step === 1 ? base : base + 1;
  return { name, fitted: FITTED.map(at), checked: at(CHECKED), between };
}

function shapeAt(shape: Shape, names: readonly string[], point: readonly number[]): Shape {
  return shape.map((size, axis) => {
    const at = names.findIndex((name) => {
      const dimension = DIMENSIONS[name];
      return dimension?.axis === axis && dimension.ranks.includes(shape.length);
    });
    return at < 0 ? size : (point[at] ?? size);
  });
}

function costsOf({ totals }: CostReport): Map<string, bigint> {
  const { macs, flops, transcendentals, bytesRead, bytesWritten, peakBytes } = totals;
  const all = { macs, flops, transcendentals, bytesRead, bytesWritten, peakBytes };
  return new Map(
    Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, BigInt(value)]])),
  );
}

function product(lists: readonly (readonly number[])[]): number[][] {
  return lists.reduce<number[][]>(
    (points, list) => points.flatMap((point) => list.map((value) => [...point, value])),
    [[]],
  );
}

/** The report as lines: `macs = 300774272·batch`. */
export function renderSymbolic(report: SymbolicReport, width: number): string {
  const { model, convention, passes, inputs, dimensions, costs, warnings, uncounted } = report;
  const place = (of: "checked" | "between") =>
    dimensions.map((dimension) => `${dimension.name}=${dimension[of]}`).join(", ");
  const shapes = inputs.map(({ name, shape }) => `${visible(name)}: [${shape}]`).join(", ");
  const lines = costs.map(({ quantity, formula, residue }) =>
    residue === 0
      ? `${quantity} = ${formula}`
      : `${quantity} is no polynomial here: ${formula} through the sizes fitted, and ${residue} off at ${place("checked")}`,
  );
  const places = dimensions.map(
    ({ name, fitted, checked }) => `${name} ${fitted.join(", ")} and checked at ${checked}`,
  );
  const after = passes === null ? "" : `  ·  after ${passes}`;
  const notes = [...warningLines(warnings), ...uncountedLines(uncounted)];
  return [
    `${visible(model)}  ${shapes}  ·  convention ${convention}${after}`,
    "",
    ...lines,
    "",
    `Fitted at ${places.join("; ")}.`,
    ...betweenNote(report, place("between")),
    ...(notes.length === 0 ? [] : ["", ...notes]),
  ]
    .map((line) => fold(line, width))
    .join("\n");
}

/** Whether the formulas hold between the sizes that were tried. */
function betweenNote({ dimensions, costs }: SymbolicReport, place: string): string[] {
  if (dimensions.every(({ fitted, between }) => between === fitted[0])) return [];
  const sizes = dimensions
    .filter(({ fitted, between }) => between !== fitted[0])
    .map(({ name, fitted: [first = 0, second = 0] }) => `${name} = ${first} + ${second - first}·k`);
  const where = sizes.join(" and ");
  if (costs.every(({ residueBetween }) => residueBetween === null)) {
    return [`They hold for ${where}; the model does not run at ${place}.`];
  }
  const off = costs.filter(({ residueBetween }) => residueBetween !== 0);
  if (off.length === 0) return [`They hold at ${place} too, which is no such size.`];
  const by = off.map(({ quantity, residueBetween }) => `${quantity} by ${residueBetween}`);
  return [
    `They hold for ${where} only: between, strides round. At ${place} they are off: ${by.join(", ")}.`,
  ];
}
