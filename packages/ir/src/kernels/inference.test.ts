import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { elementwiseCases } from "./testing/elementwise-cases.ts";
import { executionsOf } from "./testing/executions.ts";

const CASES = { ...elementwiseCases };
describe("inference", () => {
  before(async () => { await tf.setBackend("cpu"); });
  for (const [kernel, kernelCase] of Object.entries(CASES)) {
    it(kernel, () => {
      let count = 0;
      kernelCase.assert((run) => {
        const executions = executionsOf(run);
        for (const e of executions) { expect(e.problems, e.kernel).to.deep.equal([]); if (e.kernel === kernel) count++; }
      }, 30);
      expect(count).to.be.above(0);
    });
  }
});
