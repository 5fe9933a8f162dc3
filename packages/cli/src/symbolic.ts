import {
  type CountOptions,
  count,
  evaluatePolynomial,
  formatPolynomial,
  type Integer,
  interpolate,
} from "@opcounter/counters";
import { type Graph, type Shape, UserError } from "@opcounter/ir";
import { suggest } from "./suggest.ts";
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
}

export interface SymbolicReport {
  readonly dimensions: readonly {
    readonly name: string;
    readonly fitted: readonly number[];
    readonly checked: number;
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
  const costs = [...actual].map(([quantity, value]): SymbolicCost => {
    const polynomial = interpolate(
      names,
      dimensions.map(({ fitted }) => fitted),
      (point) => measured.get(point.join())?.get(quantity) ?? 0n,
    );
    const { top, bottom } = evaluatePolynomial(polynomial, checked);
    const residue = value * bottom - top;
    return {
      quantity,
      formula: formatPolynomial(polynomial),
      residue: bottom === 1n ? Number(residue) : `${residue}/${bottom}`,
    };
  });
  return { dimensions, costs };
}

function placesOf(name: string, inputs: readonly InputToMake[]) {
  const dimension = Object.hasOwn(DIMENSIONS, name) ? DIMENSIONS[name] : undefined;
  if (dimension === undefined) {
    const known = Object.keys(DIMENSIONS);
    throw new UserError(
      `There is no dimension "${name}"; did you mean ${suggest(name, known)}? There are ${known.join(", ")}.`,
    );
  }
  const input = inputs.find(({ shape }) => dimension.ranks.includes(shape.length));
  const base = input?.shape[dimension.axis];
  if (base === undefined) throw new UserError(`No input has the dimension ${name}.`);
  const at = (steps: number) => base + steps * dimension.step;
  return { name, fitted: FITTED.map(at), checked: at(CHECKED) };
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
export function renderSymbolic({ dimensions, costs }: SymbolicReport): string {
  const lines = costs.map(({ quantity, formula, residue }) => {
    if (residue === 0) return `${quantity} = ${formula}`;
    const place = dimensions.map(({ name, checked }) => `${name}=${checked}`).join(", ");
    return `${quantity} is no polynomial here: ${formula} through the sizes fitted, and ${residue} off at ${place}`;
  });
  const places = dimensions.map(
    ({ name, fitted, checked }) => `${name} ${fitted.join(", ")} and checked at ${checked}`,
  );
  return [...lines, "", `Fitted at ${places.join("; ")}.`].join("\n");
}
