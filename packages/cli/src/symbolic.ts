import {
  type CountOptions,
  count,
  evaluatePolynomial,
  exact,
  formatPolynomial,
  type Integer,
  interpolate,
  NATIVE,
  type Polynomial,
} from "@opcounter/counters";
import { type Graph, type Shape, UserError } from "@opcounter/ir";
import { suggestion } from "./suggest.ts";
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

export interface SymbolicReport {
  readonly model: string;
  readonly convention: string;
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
 * @param traceAt runs the model on inputs of the shapes given.
 * @throws UserError where a dimension is unknown, no input has it, or an input has fixed values.
 */
export async function symbolicCosts(
  model: string,
  names: readonly string[],
  inputs: readonly InputToMake[],
  traceAt: (inputs: readonly InputToMake[]) => Promise<Graph>,
  options: CountOptions,
): Promise<SymbolicReport> {
  const fixed = inputs.find(({ values }) => values !== undefined);
  if (fixed !== undefined) {
    throw new UserError(
      `Input ${fixed.name} is a file, of one size, and --symbolic runs the model at several; give its shape instead, such as --input ${fixed.name}=${fixed.shape.join("x")}.`,
    );
  }
  const dimensions = names.map((name) => placesOf(name, inputs));
  const measure = async (point: readonly number[]) => {
    const sized = inputs.map((input) => ({ ...input, shape: shapeAt(input.shape, names, point) }));
    return quantities(await traceAt(sized), options);
  };
  const measured = new Map<string, ReadonlyMap<string, bigint>>();
  for (const point of product(dimensions.map(({ fitted }) => fitted))) {
    measured.set(point.join(), await measure(point));
  }
  const checked = dimensions.map((dimension) => dimension.checked);
  const actual = await measure(checked);
  const between = dimensions.map((dimension) => dimension.between);
  // Some models run at multiples of a size only.
  const actualBetween = measured.has(between.join())
    ? undefined
    : await measure(between).catch(() => undefined);
  const costs = [...actual].map(([quantity, value]): SymbolicCost => {
    const polynomial = interpolate(
      names,
      dimensions.map(({ fitted }) => fitted),
      (point) => measured.get(point.join())?.get(quantity) ?? 0n,
    );
    const valueBetween = actualBetween?.get(quantity);
    return {
      quantity,
      formula: formatPolynomial(polynomial),
      residue: residueAt(polynomial, checked, value),
      residueBetween:
        valueBetween === undefined ? null : residueAt(polynomial, between, valueBetween),
    };
  });
  const { convention = NATIVE } = options;
  return {
    model,
    convention: typeof convention === "string" ? convention : convention.name,
    inputs: inputs.map(({ name, shape }) => ({ name, shape })),
    dimensions,
    costs,
  };
}

/** A value minus what a polynomial gives at that place; as a fraction where that is none. */
function residueAt(polynomial: Polynomial, place: readonly number[], value: bigint) {
  const { top, bottom } = evaluatePolynomial(polynomial, place);
  const residue = value * bottom - top;
  return bottom === 1n ? exact(residue) : `${residue}/${bottom}`;
}

function placesOf(name: string, inputs: readonly InputToMake[]) {
  const dimension = Object.hasOwn(DIMENSIONS, name) ? DIMENSIONS[name] : undefined;
  if (dimension === undefined) {
    const known = Object.keys(DIMENSIONS);
    throw new UserError(
      `There is no dimension "${name}";${suggestion(name, known)} There are ${known.join(", ")}.`,
    );
  }
  const input = inputs.find(({ shape }) => dimension.ranks.includes(shape.length));
  const base = input?.shape[dimension.axis];
  if (base === undefined) throw new UserError(`No input has the dimension ${name}.`);
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

function quantities(graph: Graph, options: CountOptions): Map<string, bigint> {
  const { totals } = count(graph, options);
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
export function renderSymbolic(report: SymbolicReport): string {
  const { model, convention, inputs, dimensions, costs } = report;
  const place = (of: "checked" | "between") =>
    dimensions.map((dimension) => `${dimension.name}=${dimension[of]}`).join(", ");
  const shapes = inputs.map(({ name, shape }) => `${name}: [${shape}]`).join(", ");
  const lines = costs.map(({ quantity, formula, residue }) =>
    residue === 0
      ? `${quantity} = ${formula}`
      : `${quantity} is no polynomial here: ${formula} through the sizes fitted, and ${residue} off at ${place("checked")}`,
  );
  const places = dimensions.map(
    ({ name, fitted, checked }) => `${name} ${fitted.join(", ")} and checked at ${checked}`,
  );
  return [
    `${model}  ${shapes}  ·  convention ${convention}`,
    "",
    ...lines,
    "",
    `Fitted at ${places.join("; ")}.`,
    ...betweenNote(report, place("between")),
  ].join("\n");
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
