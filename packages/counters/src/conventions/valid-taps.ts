import { elementAt } from "@opcounter/ir/core";
import { exact, type Integer } from "../expressions/integer.ts";

/** What of a 2-D or 3-D convolution's attributes decides which taps fall on padding. */
export interface ConvolutionAttrs {
  readonly strides: number | readonly number[];
  readonly pad: "same" | "valid" | number | readonly (readonly [number, number])[];
  readonly dataFormat?: string;
  readonly dilations?: number | readonly number[] | null;
}

/**
 * How many taps of a convolution's windows fall on the input and not on its padding, over all window
 * positions of the batch. It is a product over the axes, since a tap is on the input where it is so
 * on each.
 *
 * @param input shape of what the windows slide over, and `output` of what comes out: channels last,
 *   or first where the data format says so.
 * @param window lengths of the filter's spatial axes.
 */
export function validTaps(
  input: readonly number[],
  output: readonly number[],
  window: readonly number[],
  attrs: ConvolutionAttrs,
): Integer {
  const first = attrs.dataFormat === "NCHW" ? 2 : 1;
  const along = (kernel: number, axis: number) => {
    // Dilations that are left out are 1.
    const at = (value: number | readonly number[] | null | undefined) =>
      typeof value === "number" ? value : value == null ? 1 : elementAt(value, axis);
    return validTapsOfAxis({
      size: elementAt(input, first + axis),
      positions: elementAt(output, first + axis),
      kernel,
      stride: at(attrs.strides),
      dilation: at(attrs.dilations),
      pad: typeof attrs.pad === "object" ? elementAt(attrs.pad, first + axis) : attrs.pad,
    });
  };
  const batch = BigInt(elementAt(input, 0));
  return exact(window.reduce((taps, kernel, axis) => taps * along(kernel, axis), batch));
}

interface Axis {
  readonly size: number;
  readonly positions: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: "same" | "valid" | number | readonly [number, number];
}

/** Taps are at `position·stride + tap·dilation − start`; those on the input are at 0 up to its size. */
function validTapsOfAxis({ size, positions, kernel, stride, dilation, pad }: Axis): bigint {
  const reach = (kernel - 1) * dilation + 1;
  const before = {
    same: Math.floor(Math.max(0, (positions - 1) * stride + reach - size) / 2),
    valid: 0,
  };
  const start = typeof pad === "string" ? before[pad] : typeof pad === "number" ? pad : pad[0];
  const grid = {
    positions: BigInt(positions),
    kernel: BigInt(kernel),
    stride: BigInt(stride),
    dilation: BigInt(dilation),
  };
  return tapsBelow(BigInt(start + size), grid) - tapsBelow(BigInt(start), grid);
}

interface Grid {
  readonly positions: bigint;
  readonly kernel: bigint;
  readonly stride: bigint;
  readonly dilation: bigint;
}

/**
 * How many pairs of a position and a tap have `position·stride + tap·dilation < limit`. The first
 * windows lie below the limit as a whole; the next ones, up to `touching`, have
 * ⌈(limit − position·stride) / dilation⌉ taps below it; the rest has none.
 */
function tapsBelow(limit: bigint, { positions, kernel, stride, dilation }: Grid): bigint {
  const upTo = (bound: bigint) => within(0n, -floorDivide(-bound, stride), positions);
  const whole = upTo(limit - (kernel - 1n) * dilation);
  const touching = upTo(limit);
  const cut = touching - whole;
  // From the last of them backwards, since their sums then grow.
  const last = limit - (touching - 1n) * stride;
  return whole * kernel + (cut === 0n ? 0n : cut + sumOfFloors(cut, stride, last - 1n, dilation));
}

/**
 * Σ ⌊(slope·i + offset) / divisor⌋ for i = 0 … count − 1, of integers of at least 0, in as many steps
 * as Euclid's algorithm takes for slope and divisor. Source: Graham, Knuth and Patashnik, Concrete
 * Mathematics, section 3.5, where the points under a line are counted along the other axis.
 */
function sumOfFloors(count: bigint, slope: bigint, offset: bigint, divisor: bigint): bigint {
  const whole = (((count - 1n) * count) / 2n) * (slope / divisor) + count * (offset / divisor);
  const [rest, start] = [slope % divisor, offset % divisor];
  const top = rest * count + start;
  if (top < divisor) return whole;
  return whole + sumOfFloors(top / divisor, divisor, top % divisor, rest);
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

function within(least: bigint, value: bigint, most: bigint): bigint {
  if (value < least) return least;
  return value > most ? most : value;
}
