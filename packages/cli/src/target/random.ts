import { type DType, OpcounterError } from "@opcounter/ir";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { mersenne } from "pure-rand/generator/mersenne";
import { isInt32, type TypedValues, typedValues } from "./typed-values.ts";

/** The range of random values, both ends included. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** A constant, so that each run gets the same values. */
const SEED = 42;

/**
 * Uniformly distributed values of a dtype: floats or integers.
 *
 * @param input the input's name, for messages.
 * @throws OpcounterError where the dtype has no such range.
 */
export type RandomSource = (input: string, size: number, dtype: DType, range: Range) => TypedValues;

/** A source of random values. Each call continues the sequence of the one before. */
export function randomSource(): RandomSource {
  const generator = mersenne(SEED);
  return (input, size, dtype, { least, most }) => {
    const isFloat = dtype === "float32";
    if (!isFloat && !(isInt32(least) && isInt32(most))) {
      throw new OpcounterError(
        "input-invalid",
        `Input "${input}" is ${dtype}, and ${least}..${most} is no range of 32-bit integers`,
        { remedy: "write one such as 0..255, or use f32" },
      );
    }
    const draw = isFloat
      ? () => least + uniformFloat64(generator) * (most - least)
      : () => uniformInt(generator, least, most);
    const numbers = new Float64Array(size);
    for (let i = 0; i < size; i++) numbers[i] = draw();
    return typedValues(numbers, dtype, `The range of input "${input}"`);
  };
}
