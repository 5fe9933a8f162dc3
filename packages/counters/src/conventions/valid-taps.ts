import { elementAt } from "../expressions/element-at.ts";

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
): number {
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
  return window.reduce((taps, kernel, axis) => taps * along(kernel, axis), elementAt(input, 0));
}

interface Axis {
  readonly size: number;
  readonly positions: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: "same" | "valid" | number | readonly [number, number];
}

function validTapsOfAxis({ size, positions, kernel, stride, dilation, pad }: Axis): number {
  const reach = (kernel - 1) * dilation + 1;
  const before = {
    same: Math.floor(Math.max(0, (positions - 1) * stride + reach - size) / 2),
    valid: 0,
  };
  const start = typeof pad === "string" ? before[pad] : typeof pad === "number" ? pad : pad[0];
  let taps = 0;
  for (let position = 0; position < positions; position++) {
    for (let tap = 0; tap < kernel; tap++) {
      const place = position * stride + tap * dilation - start;
      if (place >= 0 && place < size) taps++;
    }
  }
  return taps;
}
