import { type DType, parseDType, type Shape, UserError } from "@opcounter/ir";
import { formatSpec, type InputSpec } from "@opcounter/tracer";

/** What `--input` says of one input. */
export interface InputOption {
  /** Undefined where only the shape is given: the model's only input. */
  readonly name: string | undefined;
  readonly shape: Shape;
  readonly dtype: DType | undefined;
}

/** An input to make for a pass: a tensor of zeros of this type. */
export interface InputToMake {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

const SYNTAX = "write it as image=1x224x224x3 or image=1x224x224x3:f32";

/**
 * Reads `name=1x224x224x3:f32`; name and dtype may be left out, and `scalar` is the empty shape.
 *
 * @throws UserError where it is none of that.
 */
export function parseInputOption(text: string): InputOption {
  const match = /^(?:(?<name>[^=]+)=)?(?<shape>scalar|\d+(?:x\d+)*)(?::(?<dtype>\w+))?$/.exec(text);
  const { name, shape = "", dtype } = match?.groups ?? {};
  if (match === null) throw new UserError(`--input ${text} cannot be read; ${SYNTAX}.`);
  const type = dtype === undefined ? undefined : parseDType(dtype);
  if (dtype !== undefined && type === undefined) {
    throw new UserError(
      `--input ${text} names the dtype ${dtype}; there are f32, i32, bool, c64 and string.`,
    );
  }
  const dimensions = shape === "scalar" ? [] : shape.split("x").map(Number);
  return { name, shape: dimensions, dtype: type };
}

/**
 * The inputs to make: those the model declares, sized as the options say. A batch dimension that
 * the model leaves open is 1 where no option sizes it; any other open dimension must be given.
 *
 * @param specs what the model declares; undefined for a function, which takes the options' inputs.
 */
export function resolveInputs(
  specs: readonly InputSpec[] | undefined,
  options: readonly InputOption[],
): InputToMake[] {
  if (specs === undefined) {
    return options.map(({ name, shape, dtype }, i) => ({
      name: name ?? `input${i}`,
      shape,
      dtype: dtype ?? "float32",
    }));
  }
  const unknown = options.find(
    ({ name }) => name !== undefined && !specs.some((s) => s.name === name),
  );
  if (unknown !== undefined) {
    throw new UserError(
      `The model has no input "${unknown.name}"; its inputs are ${specs.map(formatSpec).join(", ")}.`,
    );
  }
  const unnamed = options.filter(({ name }) => name === undefined);
  if (unnamed.length > 0 && specs.length > 1) {
    throw new UserError(
      `The model has ${specs.length} inputs, so --input needs a name: ${specs.map(formatSpec).join(", ")}.`,
    );
  }
  return specs.map((spec) => {
    const option = options.findLast(({ name }) => name === undefined || name === spec.name);
    return {
      name: spec.name,
      shape: option?.shape ?? defaultShape(spec),
      dtype: option?.dtype ?? spec.dtype,
    };
  });
}

function defaultShape(spec: InputSpec): Shape {
  const { shape, name } = spec;
  if (shape === undefined || shape.slice(1).includes(null)) {
    const example = shape?.map((dimension, axis) => dimension ?? (axis === 0 ? 1 : 64)).join("x");
    throw new UserError(
      `The model leaves the size of its input open (${formatSpec(spec)}); give it, for example --input ${name}=${example ?? "1x64"}.`,
    );
  }
  return shape.map((dimension) => dimension ?? 1);
}
