import { expect } from "chai";
import fc from "fast-check";
import { validTaps } from "./valid-taps.ts";

const side = fc.integer({ min: 1, max: 9 });
const step = fc.integer({ min: 1, max: 3 });

describe("validTaps", () => {
  it("is every tap of every window where nothing is padded", () => {
    fc.assert(
      fc.property(
        side,
        side,
        fc.integer({ min: 1, max: 4 }),
        step,
        (height, width, kernel, stride) => {
          fc.pre(kernel <= height && kernel <= width);
          const positions = (size: number) => Math.floor((size - kernel) / stride) + 1;
          expect(
            validTaps(
              [2, height, width, 3],
              [2, positions(height), positions(width), 5],
              [kernel, kernel],
              { strides: stride, pad: "valid" },
            ),
          ).to.equal(2 * positions(height) * positions(width) * kernel ** 2);
        },
      ),
    );
  });

  it("equals what a loop over a padded image of ones sums up", () => {
    fc.assert(
      fc.property(
        side,
        side,
        fc.constantFrom(1, 3, 5),
        step,
        step,
        (height, width, kernel, stride, dilation) => {
          const pad = ((kernel - 1) / 2) * dilation;
          const pixel = (y: number, x: number) =>
            Number(y >= 0 && y < height && x >= 0 && x < width);
          let taps = 0;
          for (let top = -pad; top + 2 * pad < height + pad; top += stride) {
            for (let left = -pad; left + 2 * pad < width + pad; left += stride) {
              for (let i = 0; i < kernel; i++) {
                for (let j = 0; j < kernel; j++) {
                  taps += pixel(top + i * dilation, left + j * dilation);
                }
              }
            }
          }
          const positions = (size: number) => Math.floor((size - 1) / stride) + 1;
          const output = [1, positions(height), positions(width), 1];
          expect(
            validTaps([1, height, width, 1], output, [kernel, kernel], {
              strides: stride,
              pad,
              dilations: dilation,
            }),
          ).to.equal(taps);
        },
      ),
    );
  });

  it("equals what a loop over one axis sums up, whatever pads, strides and dilates it", () => {
    const axis = {
      size: fc.integer({ min: 0, max: 12 }),
      positions: fc.integer({ min: 0, max: 12 }),
      kernel: fc.integer({ min: 1, max: 12 }),
      stride: fc.integer({ min: 1, max: 6 }),
      dilation: fc.integer({ min: 1, max: 6 }),
      pad: fc.integer({ min: 0, max: 20 }),
    };
    fc.assert(
      fc.property(fc.record(axis), ({ size, positions, kernel, stride, dilation, pad }) => {
        let taps = 0;
        for (let position = 0; position < positions; position++) {
          for (let tap = 0; tap < kernel; tap++) {
            const place = position * stride + tap * dilation - pad;
            if (place >= 0 && place < size) taps++;
          }
        }
        const [input, output] = [
          [1, size, 1, 1],
          [1, positions, 1, 1],
        ];
        const attrs = {
          strides: [stride, 1],
          pad: [
            [0, 0],
            [pad, pad],
            [0, 0],
            [0, 0],
          ],
          dilations: [dilation, 1],
        } as const;
        expect(validTaps(input, output, [kernel, 1], attrs)).to.equal(taps);
      }),
      { numRuns: 1_000 },
    );
  });

  it("takes no time, however long filter and input are, and is exact past 2^53", () => {
    const shape = [1, 2 ** 19, 1, 1];
    const attrs = { strides: 1, pad: "same" } as const;
    // Half of the filter is before a position, and one tap less after it.
    const half = 2 ** 18;
    const missing = (half * (half - 1)) / 2 + (half * (half + 1)) / 2;
    expect(validTaps(shape, shape, [2 ** 19, 1], attrs)).to.equal(2 ** 38 - missing);
    const huge = [1, 1e14, 1, 1];
    expect(validTaps(huge, huge, [1024, 1], attrs)).to.equal(
      1024n * 10n ** 14n - (511n * 512n + 512n * 513n) / 2n,
    );
  });

  it("has as many windows as the output, however their number was rounded", () => {
    // Over 8 pixels: at 0, 2, 4, and one at 6 whose last tap is outside.
    const attrs = { strides: 2, pad: 0 };
    expect(validTaps([1, 8, 8, 1], [1, 4, 4, 1], [3, 3], attrs)).to.equal(11 * 11);
    expect(validTaps([1, 8, 8, 1], [1, 3, 3, 1], [3, 3], attrs)).to.equal(9 * 9);
  });

  it("is a product over three axes of a 3-D convolution", () => {
    const attrs = { strides: [1, 1, 1], pad: "same" as const };
    const shape = [1, 4, 5, 6, 2];
    const along = (size: number) => 3 * size - 2;
    expect(validTaps(shape, shape, [3, 3, 3], attrs)).to.equal(along(4) * along(5) * along(6));
  });
});
