import { isAbsolute, join } from "node:path";
import { type DType, OpcounterError, parseDType, repeatedName, type Shape } from "@opcounter/ir";
import { formatSpec, type InputSpec } from "@opcounter/tracer";
import type { ImageSize } from "./image.ts";
import { checkSizesUsed, closedShape, type Hints, type OpenSizes } from "./open-sizes.ts";
import type { Range } from "./random.ts";
import type { TypedValues } from "./typed-values.ts";

interface AnyInputOption {
  /** Undefined where it is left out, which means the model's only input. */
  readonly name: string | undefined;
  /** Undefined where it is left out, which means the model's dtype. */
  readonly dtype: DType | undefined;
}

/** An input of zeros, or of random numbers from a range. */
export interface SizedInputOption extends AnyInputOption {
  readonly shape: Shape;
  readonly range?: Range;
}

/** An input that a file holds: an image or an array. */
export interface FileInputOption extends AnyInputOption {
  readonly path: string;
  /** The size that an image is resized to; "model" means the size that the model takes. */
  readonly resize?: ImageSize | "model";
}

/** One `--input`. */
export type InputOption = SizedInputOption | FileInputOption;

/** An input to make: of the given values, of random numbers from a range, or else of zeros. */
export interface InputToMake {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly range?: Range;
  readonly values?: TypedValues;
}

const NAME = "(?:(?<name>[^=@]+)=)?";
const NUMBER = "[-+]?\\d+(?:\\.\\d+)?(?:e[-+]?\\d+)?";
/** `ids=1x128:i32:0..30521` */
const SIZED = new RegExp(
  `^${NAME}(?<shape>scalar|\\d+(?:x\\d+)*)(?::(?<dtype>[a-z]\\w*))?(?::(?<least>${NUMBER})\\.\\.(?<most>${NUMBER}))?$`,
);
/** `image=@photo.png:f32:224x224` */
const FILE = new RegExp(
  `^${NAME}@(?<path>.+?)(?::(?<dtype>f32|float32|i32|int32|bool))?(?::(?<resize>resize|(?<height>[1-9]\\d*)x(?<width>[1-9]\\d*)))?$`,
);

/**
 * Reads the value of `--input`: `name=1x224x224x3:f32` for zeros, `name=1x128:i32:0..9` for random
 * numbers from 0 to 9, `name=@file` for the contents of a file. Name and dtype may be left out.
 * `scalar` is the empty shape.
 *
 * @param folder where a file's relative path starts.
 * @throws OpcounterError where the text is none of these.
 */
export function parseInputOption(text: string, folder = ""): InputOption {
  const sized = SIZED.exec(text)?.groups;
  if (sized !== undefined) return sizedInput(text, sized);
  const file = FILE.exec(text)?.groups;
  if (file !== undefined) return fileInput(file, folder);
  throw new OpcounterError("input-invalid", `--input ${text} cannot be read`, {
    remedy:
      "write it as image=1x224x224x3:f32, as ids=1x128:i32:0..30521 for random numbers, or as image=@photo.png for a file",
  });
}

/** The named groups of a match; undefined for a group that matched nothing. */
type Groups = Readonly<Record<string, string | undefined>>;

function sizedInput(text: string, { name, shape, dtype, least, most }: Groups): SizedInputOption {
  const type = dtype === undefined ? undefined : parseDType(dtype);
  if (dtype !== undefined && type === undefined) {
    throw new OpcounterError("input-invalid", `--input ${text} names the dtype ${dtype}`, {
      remedy: "there are f32, i32, bool, c64 and string",
    });
  }
  if (shape === undefined) throw new Error("the shape takes part in every match");
  const sizes = shape === "scalar" ? [] : shape.split("x").map(Number);
  const option = { name, shape: sizes, dtype: type };
  if (least === undefined || most === undefined) return option;
  const range = { least: Number(least), most: Number(most) };
  if (range.least <= range.most && Number.isFinite(range.most - range.least)) {
    return { ...option, range };
  }
  throw new OpcounterError("input-invalid", `--input ${text} has no range of numbers`, {
    remedy: "write the least, then the most, as in 0..255",
  });
}

function fileInput(groups: Groups, folder: string): FileInputOption {
  const { name, path, dtype, resize, height, width } = groups;
  if (path === undefined) throw new Error("the path takes part in every match");
  const option = {
    name,
    path: isAbsolute(path) ? path : join(folder, path),
    dtype: dtype === undefined ? undefined : parseDType(dtype),
  };
  if (resize === undefined) return option;
  const size = { height: Number(height), width: Number(width) };
  return { ...option, resize: resize === "resize" ? "model" : size };
}

/**
 * The inputs to make: those that the model declares, with the sizes and values of the options. An
 * open batch dimension is 1 if no option gives it. Any other open dimension must be given.
 *
 * @param specs what the model declares; undefined for a function, which takes the options' inputs.
 * @param options the inputs given by `--input`.
 * @param defaults the inputs that a module or the zoo gives, for those without an option.
 * @param sizes the sizes given once for all inputs.
 * @param names what the model is called, which may suggest a size.
 */
export async function resolveInputs(
  specs: readonly InputSpec[] | undefined,
  options: readonly InputOption[],
  defaults: readonly InputOption[] = [],
  sizes: OpenSizes = {},
  names: readonly string[] = [],
): Promise<InputToMake[]> {
  const onlyName = specs?.length === 1 ? specs[0]?.name : undefined;
  checkOnce(defaults, onlyName);
  checkOnce(options, onlyName);
  if (specs === undefined) {
    checkSizesUsed(sizes, specs);
    const chosen = replaced(defaults, options);
    return Promise.all(chosen.map((option, i) => resolve(option.name ?? `input${i}`, option)));
  }
  checkNames(specs, [...defaults, ...options]);
  const fits =
    (spec: InputSpec) =>
    ({ name }: InputOption) =>
      name === undefined || name === spec.name;
  const isGiven = (spec: InputSpec) => options.some(fits(spec));
  checkSizesUsed(
    sizes,
    specs.filter((spec) => !isGiven(spec)),
  );
  return Promise.all(
    specs.map((spec) => {
      const usual = defaults.find(fits(spec));
      const option = options.find(fits(spec)) ?? sized(spec, usual, sizes, { specs, names });
      return resolve(spec.name, option, spec, usual);
    }),
  );
}

/** An input without an option of its own: the usual one, with the sizes given for all inputs. */
function sized(
  spec: InputSpec,
  usual: InputOption | undefined,
  sizes: OpenSizes,
  hints: Hints,
): InputOption {
  if (usual !== undefined && !("shape" in usual)) return usual;
  const isAsUsual = sizes.batch === undefined && sizes.size === undefined;
  if (usual !== undefined && isAsUsual) return usual;
  const { name } = spec;
  return { name, dtype: undefined, ...usual, shape: closedShape(spec, sizes, usual?.shape, hints) };
}

async function resolve(
  name: string,
  option: InputOption,
  spec?: InputSpec,
  usual?: InputOption,
): Promise<InputToMake> {
  if ("shape" in option) {
    return { ...option, name, dtype: option.dtype ?? spec?.dtype ?? "float32" };
  }
  // The image decoders are loaded only when a file is read.
  const { readInputFile } = await import("./input-file.ts");
  const usualShape = usual !== undefined && "shape" in usual ? usual.shape : undefined;
  return { name, ...readInputFile(option, { spec, usualShape }) };
}

/**
 * A function's inputs: the defaults, with those of the same names replaced by the options. If an
 * option has no name, or the defaults have none, the inputs are the options.
 *
 * @throws OpcounterError where the defaults have names, and the name of an option is none of them.
 */
function replaced(
  defaults: readonly InputOption[],
  options: readonly InputOption[],
): readonly InputOption[] {
  const names = defaults.flatMap(({ name }) => name ?? []);
  const unknown = options.find(({ name }) => name !== undefined && !names.includes(name));
  if (unknown !== undefined && names.length > 0) {
    throw new OpcounterError("input-unknown", `The module lists no input "${unknown.name}"`, {
      remedy: `its inputs are ${names.join(", ")}`,
    });
  }
  if (options.some(({ name }) => name === undefined) || unknown !== undefined) return options;
  return defaults.map((usual) => options.find(({ name }) => name === usual.name) ?? usual);
}

/**
 * @param onlyName the input that an option without a name stands for, if there is only one.
 * @throws OpcounterError where two options are for the same input.
 */
function checkOnce(options: readonly InputOption[], onlyName: string | undefined): void {
  const twice = repeatedName(options.flatMap(({ name }) => name ?? onlyName ?? []));
  if (twice === undefined) return;
  throw new OpcounterError("input-repeated", `Input "${twice}" is given twice`, {
    remedy: "give each input once",
  });
}

function checkNames(specs: readonly InputSpec[], options: readonly InputOption[]): void {
  const unknown = options.find(
    ({ name }) => name !== undefined && !specs.some((spec) => spec.name === name),
  );
  if (unknown !== undefined) {
    throw new OpcounterError("input-unknown", `The model has no input "${unknown.name}"`, {
      remedy: `its inputs are ${specs.map(formatSpec).join(", ")}`,
    });
  }
  if (specs.length > 1 && options.some(({ name }) => name === undefined)) {
    throw new OpcounterError(
      "input-invalid",
      `The model has ${specs.length} inputs, so --input needs a name: ${specs.map(formatSpec).join(", ")}.`,
    );
  }
}
