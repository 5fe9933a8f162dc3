import type { TensorType } from "@opcounter/ir";

/** What of a 2-D convolution's attributes decides which taps fall on padding. */
export interface ConvolutionAttrs {
  readonly strides: number | readonly number[];
  readonly pad: "same" | "valid" | number | readonly (readonly [number, number])[];
  readonly dataFormat?: string;
  readonly dilations?: number | readonly number[] | null;
}

/**
 * How many taps of a 2-D convolution's windows fall on the input and not on its padding, over all
 * window positions of the batch. It is a product over the two axes, since a tap is on the input
 * where it is so on both.
 */
export function validTaps(x: TensorType, filter: TensorType, attrs: ConvolutionAttrs): number {
  const first = attrs.dataFormat === "NCHW" ? 2 : 1;
  const along = (axis: 0 | 1) => {
    const at = (value: number | readonly number[] | null | undefined) =>
      typeof value === "number" ? value : (value?.[axis] ?? 1);
    return validTapsOfAxis({
      size: x.shape[first + axis] ?? 1,
      kernel: filter.shape[axis] ?? 1,
      stride: at(attrs.strides),
      dilation: at(attrs.dilations),
      pad: typeof attrs.pad === "object" ? (attrs.pad[first + axis] ?? [0, 0]) : attrs.pad,
    });
  };
  return (x.shape[0] ?? 1) * along(0) * along(1);
}

interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: "same" | "valid" | number | readonly [number, number];
}

function validTapsOfAxis({ size, kernel, stride, dilation, pad }: Axis): number {
  const reach = (kernel - 1) * dilation + 1;
  const same = Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
  const [before, after] =
    pad === "same"
      ? [Math.floor(same / 2), same - Math.floor(same / 2)]
      : pad === "valid"
        ? [0, 0]
        : typeof pad === "number"
          ? [pad, pad]
          : pad;
  let taps = 0;
  for (let start = -before; start + reach <= size + after; start += stride) {
    for (let tap = 0; tap < kernel; tap++) {
      const place = start + tap * dilation;
      if (place >= 0 && place < size) taps++;
    }
  }
  return taps;
}
