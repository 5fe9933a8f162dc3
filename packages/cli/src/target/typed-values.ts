import { type DType, OpcounterError } from "@opcounter/ir";

/** Values of a tensor of dtype float32, int32 or bool, as tfjs holds them. */
export type TypedValues = Float32Array | Int32Array | Uint8Array;

const INT32 = { least: -(2 ** 31), most: 2 ** 31 - 1 } as const;

/**
 * Numbers as values of a dtype. Floats are rounded to float32. Any other dtype must have the number
 * exactly.
 *
 * @param source where the numbers are from, for messages.
 * @throws OpcounterError that names the first number that does not fit, and its index.
 */
export function typedValues(
  numbers: Float64Array | Uint8Array,
  dtype: DType,
  source: string,
): TypedValues {
  switch (dtype) {
    case "float32":
      check(numbers, isInFloat32, `${source} holds %, which is past the range of float32.`);
      return Float32Array.from(numbers);
    case "int32":
      check(numbers, isInt32, `${source} holds %, which is no int32`, "use f32");
      return Int32Array.from(numbers);
    case "bool":
      check(numbers, isBoolean, `${source} holds %, and a bool is 0 or 1.`);
      return Uint8Array.from(numbers);
    default:
      throw new OpcounterError(
        "input-invalid",
        `${source} holds numbers, which cannot be ${dtype}`,
        { remedy: "use f32, i32 or bool" },
      );
  }
}

export function isInt32(value: number): boolean {
  return Number.isInteger(value) && value >= INT32.least && value <= INT32.most;
}

/** Whether rounding to float32 keeps a number finite; a number that is not finite stays so. */
function isInFloat32(value: number): boolean {
  return Number.isFinite(Math.fround(value)) || !Number.isFinite(value);
}

function isBoolean(value: number): boolean {
  return value === 0 || value === 1;
}

/** @throws OpcounterError; `%` in the sentence becomes the first unfit number and its index. */
function check(
  numbers: Float64Array | Uint8Array,
  fits: (value: number) => boolean,
  sentence: string,
  remedy?: string,
): void {
  const at = numbers.findIndex((value) => !fits(value));
  if (at < 0) return;
  const found = `${numbers[at]} at index ${at}`;
  throw new OpcounterError("input-invalid", sentence.replace("%", found), { remedy });
}
