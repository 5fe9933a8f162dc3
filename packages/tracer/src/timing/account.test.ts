import { expect } from "chai";
import { onHostClock, overlaps } from "./account.ts";

describe("the device's clock on the host's", () => {
  it("begins no dispatch before its submit, and ends the last before the wait does", () => {
    // In nanoseconds by a clock of its own; 1 ms and 3 ms long, the second 5 ms after the first.
    const spans = [
      [0, 1e6],
      [5e6, 8e6],
    ] as const;
    const submits = [
      { at: 100, dispatches: 1 },
      { at: 106, dispatches: 2 },
    ];
    // The second would begin before its submit if the first began with its own.
    expect(onHostClock(spans, submits, 120)).to.deep.equal([
      [101, 102],
      [106, 109],
    ]);
    // It ended at 108, so both were earlier than their submits say by a coarse clock.
    expect(onHostClock(spans, submits, 108)).to.deep.equal([
      [100, 101],
      [105, 108],
    ]);
  });

  it("passes over a submit of no dispatch", () => {
    const submits = [
      { at: 50, dispatches: 0 },
      { at: 60, dispatches: 1 },
      { at: 90, dispatches: 1 },
    ];
    expect(onHostClock([[0, 1e6]], submits, 95)).to.deep.equal([[60, 61]]);
  });
});

describe("waiting while the device is busy", () => {
  it("is credited to each dispatch that runs meanwhile, and once", () => {
    const waits = [
      { from: 0, to: 10 },
      { from: 20, to: 30 },
      { from: 40, to: 50 },
    ];
    expect(overlaps(waits, [])).to.deep.equal([]);
    expect(overlaps([], [[0, 5]])).to.deep.equal([0]);
    // Within one wait, across two, between two, and over the last.
    const busy = [
      [2, 4],
      [5, 25],
      [32, 38],
      [39, 60],
    ] as const;
    expect(overlaps(waits, busy)).to.deep.equal([2, 10, 0, 10]);
    // Two that run at the same time share what is waited for them.
    const together = [
      [2, 6],
      [4, 8],
      [5, 7],
    ] as const;
    expect(overlaps(waits, together)).to.deep.equal([4, 2, 0]);
  });
});
