import { openDevice } from "@opcounter/tracer";
import fc from "fast-check";
import { expectAsOnDevice } from "./memory-program.ts";
import { MEMORY_PROGRAMS } from "./memory-programs.ts";
import { randomProgram } from "./random-memory-program.ts";

describe("DeviceMemory @linux", function () {
  this.timeout(60_000);
  let device: GPUDevice;
  before(async () => {
    device = (await openDevice("software")).backend.device;
  });

  for (const [name, make] of Object.entries(MEMORY_PROGRAMS)) {
    it(`computes ${name} as SwiftShader does`, () => expectAsOnDevice(device, make()));
  }

  it("computes random programs as SwiftShader does", async () => {
    const property = fc.asyncProperty(randomProgram, (program) =>
      expectAsOnDevice(device, program),
    );
    await fc.assert(property, { numRuns: 60, includeErrorInReport: true });
  });
});
