import { type CostReport, type CountedAt, fitCosts, uncountedAnywhere } from "@opcounter/counters";
import { elementAt, namesToChoose, OpcounterError, type Shape } from "@opcounter/ir";
import { formatSpec, type InputSpec } from "@opcounter/tracer";
import type { CountedGraph } from "./count-recorded.ts";
import { withOps } from "./render/notes.ts";
import type { SymbolicReport } from "./render/symbolic-report.ts";
import type { InputToMake } from "./target/input-option.ts";

/** A dimension that costs can be expressed in. */
interface Dimension {
  /** The axis of each input it names. */
  readonly axis: number;
  /** The ranks of the inputs that have it. */
  readonly ranks: readonly number[];
  /** The step between the sizes that are tried, from the given one upwards. */
  readonly step: number;
}

/**
 * Images are tried in steps of 32, because networks halve them five times. Between such sizes
 * strides round, and a cost is not a polynomial.
 */
const DIMENSIONS: Readonly<Record<string, Dimension>> = {
  batch: { axis: 0, ranks: [1, 2, 3, 4, 5], step: 1 },
  height: { axis: 1, ranks: [4], step: 32 },
  width: { axis: 2, ranks: [4], step: 32 },
  sequence: { axis: 1, ranks: [2, 3], step: 8 },
};

/** Sizes tried along each dimension, in steps: three fit a square, and one more checks it. */
const FITTED = [0, 1, 2];
const CHECKED = 4;

/**
 * Costs as polynomials in named dimensions. The model is traced at a few sizes, the polynomials are
 * fitted exactly, and checked at another size.
 *
 * @param runAt runs the model on inputs of the shapes given, and counts it.
 * @throws OpcounterError where a dimension is unknown, no input has it, inputs have it in different
 *   sizes, or an input has fixed values.
 */
export async function symbolicCosts(
  names: readonly string[],
  inputs: readonly InputToMake[],
  runAt: (inputs: readonly InputToMake[]) => Promise<CountedGraph>,
): Promise<SymbolicReport> {
  const fixed = inputs.find(({ values }) => values !== undefined);
  if (fixed !== undefined) {
    throw new OpcounterError(
      "options-conflict",
      `Input ${fixed.name} is a file, of one size, and --symbolic runs the model at several`,
      {
        remedy: `give its shape instead, such as --input ${fixed.name}=${fixed.shape.join("x")}`,
      },
    );
  }
  const dimensions = names.map((name) => placesOf(name, inputs));
  const countAt = async (point: readonly number[]): Promise<CountedAt> => {
    const sized = inputs.map((input) => ({ ...input, shape: shapeAt(input.shape, names, point) }));
    return { point, ...(await runAt(sized)) };
  };
  const fitted: CountedAt[] = [];
  for (const point of product(dimensions.map(({ fitted }) => fitted))) {
    fitted.push(await countAt(point));
  }
  const checked = await countAt(dimensions.map((dimension) => dimension.checked));
  const place = dimensions.map((dimension) => dimension.between);
  const isFitted = fitted.some(({ point }) => point.join() === place.join());
  // Some models run only at multiples of a size.
  const between = isFitted ? undefined : await countAt(place).catch(() => undefined);
  const [given] = fitted;
  if (given === undefined) throw new Error("no size was run");
  const { model, convention, passes, leftOut, warnings } = given.report;
  return {
    model,
    convention,
    passes,
    inputs: inputs.map(({ name, shape }) => ({ name, shape })),
    dimensions,
    costs: fitCosts({ names, fitted, checked, between }),
    uncounted: uncountedAnywhere([...fitted, checked]),
    leftOut,
    warnings: [...warnings, ...boundsWarning(given.report)],
  };
}

/** The warning that names the kernels that are counted by an upper bound. */
function boundsWarning({ bounds }: CostReport): string[] {
  if (bounds === null) return [];
  return [
    `FLOPs count ${withOps(bounds.kernels)} by upper bounds, since values decide their work.`,
  ];
}

/**
 * Checks that a model leaves the dimensions open that are to vary. What it leaves unsaid is open.
 *
 * @param specs what the model declares; undefined for a function, whose inputs have any size.
 * @throws OpcounterError "dimension-invalid" that names the input and the dimension.
 */
export function checkOpen(names: readonly string[], specs: readonly InputSpec[] = []): void {
  for (const name of names) {
    const { axis, ranks } = dimensionOf(name);
    const fixed = specs.find(
      ({ shape }) => shape && ranks.includes(shape.length) && shape[axis] !== null,
    );
    if (fixed === undefined) continue;
    throw new OpcounterError(
      "dimension-invalid",
      `--symbolic ${name} varies the ${name}, and the model fixes it (${formatSpec(fixed)})`,
      { remedy: `leave ${name} out` },
    );
  }
}

/** @throws OpcounterError where there is no dimension of that name. */
function dimensionOf(name: string): Dimension {
  const dimension = Object.hasOwn(DIMENSIONS, name) ? DIMENSIONS[name] : undefined;
  if (dimension !== undefined) return dimension;
  throw new OpcounterError("dimension-invalid", `There is no dimension "${name}".`, {
    remedy: namesToChoose(name, Object.keys(DIMENSIONS)),
  });
}

function placesOf(name: string, inputs: readonly InputToMake[]) {
  const dimension = dimensionOf(name);
  const sizes = inputs.flatMap(({ name: input, shape }) => {
    const size = dimension.ranks.includes(shape.length) ? shape[dimension.axis] : undefined;
    return size === undefined ? [] : [{ input, size }];
  });
  const [first] = sizes;
  if (first === undefined) {
    throw new OpcounterError("dimension-invalid", `No input has the dimension ${name}.`);
  }
  const base = first.size;
  // One name stands for one number. With two sizes under it the formula would be wrong.
  const other = sizes.find(({ size }) => size !== base);
  if (other !== undefined) {
    throw new OpcounterError(
      "dimension-invalid",
      `--symbolic ${name} is one size for all inputs, and ${first.input} has ${base} there where ${other.input} has ${other.size}`,
      { remedy: `give both the same size by --input, or leave ${name} out` },
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
    return at < 0 ? size : elementAt(point, at);
  });
}

function product(lists: readonly (readonly number[])[]): number[][] {
  return lists.reduce<number[][]>(
    (points, list) => points.flatMap((point) => list.map((value) => [...point, value])),
    [[]],
  );
}
