import { closeDevices } from "@opcounter/tracer";
import { expect } from "chai";
import fc from "fast-check";
import { fault, foundInputs } from "./fuzz-parser.ts";
import {
  allPrograms,
  checkDevices,
  checkValues,
  continuousPrograms,
  programTargets,
} from "./programs.ts";

/** `PROGRAM_TIMES=20` tries that many times as many. */
const TIMES = Number(process.env["PROGRAM_TIMES"] ?? 1);
const SEED = 17;

describe("random programs", function () {
  this.timeout(300_000);
  // Both devices are to compile the same.
  before(closeDevices);

  it("compute the same after each pass as tfjs before it", () =>
    fc.assert(fc.asyncProperty(continuousPrograms, checkValues), {
      ...{ seed: SEED, numRuns: 60 * TIMES },
    }));

  it("give the same graph on the virtual device and on SwiftShader @linux", () =>
    fc.assert(fc.asyncProperty(allPrograms, checkDevices), {
      ...{ seed: SEED, numRuns: 30 * TIMES },
    }));

  it("are well that were found to be wrong, and the examples @linux", async () => {
    for (const [name, target] of Object.entries(programTargets())) {
      for (const input of [...target.examples, ...foundInputs(name).values()]) {
        expect(await fault(target, input), name).to.equal(undefined);
      }
    }
  });
});
