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
          const x = { dtype: "float32" as const, shape: [2, height, width, 3] };
          const filter = { dtype: "float32" as const, shape: [kernel, kernel, 3, 5] };
          const positions = (size: number) => Math.floor((size - kernel) / stride) + 1;
          expect(validTaps(x, filter, { strides: stride, pad: "valid" })).to.equal(
            2 * positions(height) * positions(width) * kernel ** 2,
          );
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
          const x = { dtype: "float32" as const, shape: [1, height, width, 1] };
          const filter = { dtype: "float32" as const, shape: [kernel, kernel, 1, 1] };
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
          expect(validTaps(x, filter, { strides: stride, pad, dilations: dilation })).to.equal(
            taps,
          );
        },
      ),
    );
  });
});
