import { expect } from "chai";
import fc from "fast-check";
import { clockStep, gpuTimeOf } from "./statistics.ts";

/** What a clock of this step shows of something that begins at a random time and takes `ns`. */
function shown(ns: number, step: number, begin: number): number {
  const tick = (time: number) => Math.floor(time / step) * step;
  return tick(begin + ns) - tick(begin);
}

describe("statistics of times", () => {
  it("finds the step of a coarse clock, and none of a fine one", () => {
    const times = [1, 3, 2, 7, 5, 1, 2, 4].map((steps) => steps * 100_000);
    expect(clockStep(times)).to.equal(100_000);
    expect(clockStep([...times, 0])).to.equal(100_000);
    expect(clockStep(times.map((time, i) => time + 37 * i))).to.equal(null);
    expect(clockStep(times.slice(0, 3))).to.equal(null);
  });

  it("comes near the truth on a coarse clock by repetition, and says how near", () => {
    const step = 100_000;
    let misses = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 40_000, max: 900_000 }),
        // Without fast-check's liking for the smallest and largest.
        fc.noBias(fc.array(fc.nat(10 * step), { minLength: 200, maxLength: 200 })),
        (ns, begins) => {
          const time = gpuTimeOf(
            begins.map((begin) => shown(ns, step, begin)),
            step,
          );
          expect(time.ns).to.not.equal(null);
          if (time.low > ns || time.high < ns) misses++;
        },
      ),
      { numRuns: 200, seed: 5 },
    );
    // Two standard errors on both sides hold 95 in 100.
    expect(misses).to.be.at.most(20);
  });

  it("declares what is too short to tell unmeasurable", () => {
    expect(gpuTimeOf([0, 0, 0, 0], 100_000).ns).to.equal(null);
    expect(gpuTimeOf([0, 0, 100_000, 0], 100_000).ns).to.equal(null);
    expect(gpuTimeOf([5, 7, 6], null)).to.deep.equal({ ns: 6, low: 5.5, high: 6.5, runs: 3 });
  });
});
