import {
  annotate,
  type DType,
  EXACT_STORAGE,
  type Graph,
  paramsOf,
  type StoredType,
  type ValueId,
} from "@opcounter/ir/core";
import type { BackendValues } from "@tensorflow/tfjs-core";
import { recordedLeaves } from "../evaluate/leaves.ts";
import { weightsInFilesOf } from "./loaded.ts";

/**
 * Looks at the values of the weights of a model that `loadModel` loaded with them, and attaches to
 * its graph which narrower types hold them exactly, for `advise`. Weights that are quantized already
 * are left out. A graph of anything else, or that was read from a file, stays as it is.
 */
export async function noteExactStorage(graph: Graph): Promise<Graph> {
  const weights = weightsInFilesOf(graph);
  if (weights === undefined) return graph;
  const known = await recordedLeaves(graph);
  const exact = new Map<ValueId, readonly StoredType[]>();
  const params = paramsOf(graph).filter(({ role }) => role !== "slot");
  for (const { id, dtype, stored } of params) {
    const values = known.get(id);
    if (stored === undefined && values !== undefined) exact.set(id, exactTypes(dtype, values));
  }
  annotate(graph, EXACT_STORAGE, { types: exact, isComplete: params.length === weights });
  return graph;
}

/**
 * The types in which TensorFlow.js's converter stores these values so that TensorFlow.js restores
 * every one of them, the narrowest first.
 */
export function exactTypes(dtype: DType, values: BackendValues): readonly StoredType[] {
  if (!(values instanceof Float32Array) && !(values instanceof Int32Array)) return [];
  if (values.length === 0) return [];
  const types: StoredType[] = [];
  const isFloat = dtype === "float32" && values instanceof Float32Array;
  if (!isFloat && dtype !== "int32") return [];
  if (isExactInSteps(values, isFloat, 2 ** 8 - 1)) types.push("uint8");
  if (isFloat && isExactInFloat16(values)) types.push("float16");
  if (isExactInSteps(values, isFloat, 2 ** 16 - 1)) types.push("uint16");
  return types;
}

/**
 * Whether values survive the quantization to integers from 0 to `most`. Source: `quantize_weights`
 * of tensorflowjs/quantization.py, and `decodeWeight` of tfjs-core's io_utils.
 */
function isExactInSteps(
  values: Float32Array | Int32Array,
  isFloat: boolean,
  most: number,
): boolean {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value) || Object.is(value, -0)) return false;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  if (least === greatest) return true;
  const scale = (greatest - least) / most;
  // The converter moves the range so that 0 is a step, where it is in the range.
  const includesZero = least <= 0 && greatest >= 0;
  const start = includesZero ? -halfToEven(-least / scale) * scale : least;
  const end = includesZero ? most * scale + start : greatest;
  return values.every((value) => {
    const clipped = Math.min(Math.max(value, start), end);
    const restored = halfToEven((clipped - start) / scale) * scale + start;
    return (isFloat ? Math.fround(restored) : Math.round(restored)) === value;
  });
}

/** The nearest integer; of two, the even one, as NumPy rounds. */
function halfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest === 0.5) return below % 2 === 0 ? below : below + 1;
  return rest < 0.5 ? below : below + 1;
}

/** Whether all values are finite and lose no bit in 16-bit floats, subnormal ones included. */
function isExactInFloat16(values: Float32Array): boolean {
  const { buffer, byteOffset, length } = values;
  return new Uint32Array(buffer, byteOffset, length).every((bits) => {
    const magnitude = bits & 0x7fff_ffff;
    if (magnitude === 0) return true;
    const exponent = (magnitude >>> 23) - 127;
    if (exponent > 15 || exponent < -24) return false;
    // 10 bits of the 23 remain; below 2⁻¹⁴ one less for each power of two.
    const dropped = 13 + Math.max(0, -14 - exponent);
    return (magnitude & ((1 << dropped) - 1)) === 0;
  });
}
