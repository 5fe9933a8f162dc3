import type { HostOperands, HostTensor } from "./host-tensor.ts";

/**
 * The functions of TensorFlow.js that are no kernels. Non-maximum suppression is not among them,
 * since the cpu backend has kernels for it.
 */
const FUNCTIONS: Readonly<Record<string, (operands: HostOperands) => HostTensor[]>> = {
  Where: (operands) => [where(operand(operands, "condition"))],
  ListDiff: (operands) => [...listDiff(operand(operands, "x"), operand(operands, "y"))],
};

/** Computes such a function; undefined where there is none of this name. */
export function runFunction(name: string, operands: HostOperands): HostTensor[] | undefined {
  return FUNCTIONS[name]?.(operands);
}

/** As `tf.whereAsync`: a row of coordinates for each element that is true. */
export function where({ values, shape }: HostTensor): HostTensor {
  const places = [...values.keys()].filter((place) => Boolean(values[place]));
  const coordinates = places.flatMap((place) => coordinatesOf(place, shape));
  return {
    values: Int32Array.from(coordinates),
    shape: [places.length, shape.length],
    dtype: "int32",
  };
}

function coordinatesOf(place: number, shape: readonly number[]): number[] {
  let rest = place;
  return shape
    .toReversed()
    .map((length) => {
      const coordinate = rest % length;
      rest = (rest - coordinate) / length;
      return coordinate;
    })
    .toReversed();
}

/** As `tf.setdiff1dAsync`: the elements of x that y does not have, and their places in x. */
export function listDiff(x: HostTensor, y: HostTensor): readonly [HostTensor, HostTensor] {
  const excluded = new Set<unknown>(y.values);
  const places = [...x.values.keys()].filter((place) => !excluded.has(x.values[place]));
  const shape = [places.length];
  const kept = x.values.filter((_: unknown, place: number) => !excluded.has(x.values[place]));
  return [
    { values: kept, shape, dtype: x.dtype },
    { values: Int32Array.from(places), shape, dtype: "int32" },
  ];
}

function operand(operands: HostOperands, name: string): HostTensor {
  const found: HostTensor | readonly HostTensor[] | undefined = Reflect.get(operands, name);
  if (found === undefined || Array.isArray(found)) throw new Error(`it has no operand ${name}`);
  // Sound: what is no list is one tensor.
  return found as HostTensor;
}
