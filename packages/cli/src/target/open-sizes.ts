import { counted, OpcounterError, type Shape } from "@opcounter/ir";
import { formatSpec, type InputSpec } from "@opcounter/tracer";

/** Sizes that are given once for all inputs, for dimensions that the model leaves open. */
export interface OpenSizes {
  /** `--batch`: of the first dimension; 1 if left out. */
  readonly batch?: number;
  /** `--size`: of the others, in order; one stands for each of them. */
  readonly size?: readonly number[];
}

/**
 * Reads the value of `--size`: `256`, or `256x192` for a height and a width.
 *
 * @throws OpcounterError where it is neither.
 */
export function parseSize(text: string): readonly number[] {
  const sizes = text.split("x").map(Number);
  if (/^\d+(x\d+)*$/.test(text) && sizes.every((size) => Number.isSafeInteger(size) && size > 0)) {
    return sizes;
  }
  throw new OpcounterError("option-invalid", `--size ${text} is no size`, {
    remedy: "write it as 256, or as 256x192 for a height and a width",
  });
}

/**
 * Checks that each size that is given is the size of something.
 *
 * @param specs the inputs that the model declares and that no `--input` gives; undefined for a
 *   function.
 * @throws OpcounterError "options-conflict".
 */
export function checkSizesUsed(
  { batch, size }: OpenSizes,
  specs: readonly InputSpec[] | undefined,
): void {
  const option =
    batch !== undefined && !specs?.some(({ shape }) => shape?.[0] === null)
      ? "--batch"
      : size !== undefined && !specs?.some(({ shape }) => shape?.slice(1).includes(null))
        ? "--size"
        : undefined;
  if (option === undefined) return;
  const [sentence, remedy] =
    specs === undefined
      ? ["is for models, and a function declares no inputs", "give them by --input"]
      : [
          "sets what a model leaves open, and nothing of the kind is left open here",
          "leave it out",
        ];
  throw new OpcounterError("options-conflict", `${option} ${sentence}`, { remedy });
}

/**
 * The shape of an input that no `--input` gives: where the model fixes a dimension, that; else the
 * size that is given for all inputs, the one of `usual`, or 1 for a batch.
 *
 * @param usual the input's shape as the zoo or a module gives it.
 * @param hints where a size to propose is looked for: the other inputs, and the model's names.
 * @throws OpcounterError "input-missing" where a dimension is open and nobody gives its size, or
 *   "input-mismatch" where as many are not open as `--size` has.
 */
export function closedShape(
  spec: InputSpec,
  { batch, size }: OpenSizes,
  usual: Shape | undefined,
  hints: Hints,
): Shape {
  const { shape } = spec;
  if (shape === undefined) {
    if (usual !== undefined) return usual;
    throw open(spec, hints);
  }
  const places = shape.flatMap((dimension, axis) => (axis > 0 && dimension === null ? axis : []));
  if (size !== undefined && size.length > 1 && places.length > 0 && places.length !== size.length) {
    throw new OpcounterError(
      "input-mismatch",
      `--size has ${counted(size.length, "size")}, and the model leaves ${places.length} open (${formatSpec(spec)})`,
      { remedy: "give one size for all, or each input by --input" },
    );
  }
  return shape.map((dimension, axis) => {
    if (dimension !== null) return dimension;
    const given = axis === 0 ? batch : size?.[size.length === 1 ? 0 : places.indexOf(axis)];
    const found = given ?? usual?.[axis] ?? (axis === 0 ? 1 : undefined);
    if (found === undefined) throw open(spec, hints);
    return found;
  });
}

/** Where a size to propose is looked for. */
export interface Hints {
  readonly specs: readonly InputSpec[];
  /** What the model's file and the model itself are called. */
  readonly names: readonly string[];
}

/** The error of an input with an open size, with the size that seems most likely. */
function open(spec: InputSpec, hints: Hints): OpcounterError {
  const { name, shape } = spec;
  const sentence = `The model leaves the size of its input open (${formatSpec(spec)})`;
  if (shape === undefined) {
    const remedy = `give it, for example --input ${name}=1x64, or --input ${name}=scalar for a number`;
    return new OpcounterError("input-missing", sentence, { remedy });
  }
  const proposed = sizeOfOthers(spec, hints) ?? sizeInNames(hints);
  const size = proposed?.size ?? USUAL_SIZE;
  const example = shape.map((dimension, axis) => dimension ?? (axis === 0 ? 1 : size)).join("x");
  const why = proposed === undefined ? "" : ` (${proposed.why})`;
  return new OpcounterError("input-missing", sentence, {
    remedy: `give it, for example --size ${size}${why}, or --input ${name}=${example}`,
  });
}

const USUAL_SIZE = 64;

interface Proposal {
  readonly size: number;
  /** Where it was found. */
  readonly why: string;
}

/** The size that another input of the same rank has where this one is open. */
function sizeOfOthers(spec: InputSpec, { specs }: Hints): Proposal | undefined {
  const axis = spec.shape?.findIndex((dimension, axis) => axis > 0 && dimension === null) ?? -1;
  for (const { name, shape } of specs) {
    const size = shape?.length === spec.shape?.length ? shape?.[axis] : undefined;
    if (size != null) return { size, why: `as its input "${name}" has` };
  }
  return undefined;
}

/** Sizes of images; other numbers in a name are layers, versions and widths. */
const LEAST_SIZE = 64;
const MOST_SIZE = 2048;
const STEP = 16;
/** The sizes of Inception and of EfficientNet-B3 and B4, which are no multiples. */
const ODD_SIZES: ReadonlySet<number> = new Set([299, 300, 331, 380]);

/** A number in a name that is as an image's size is: `ssd320fpnlite`, `mobilenet_v2_1.00_224`. */
function sizeInNames({ names }: Hints): Proposal | undefined {
  for (const name of names) {
    const size = name
      .match(/\d+/g)
      ?.map(Number)
      .findLast((number) => {
        const isRound = number % STEP === 0 && number >= LEAST_SIZE && number <= MOST_SIZE;
        return isRound || ODD_SIZES.has(number);
      });
    if (size !== undefined) return { size, why: `as in its name "${name}"` };
  }
  return undefined;
}
