import { type DType, type Graph, type Op, uncompiledDType } from "@opcounter/ir";
import { closeDevices, type Device, openDevice, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { CASES } from "./cases.ts";
import { type KernelCase, withFloatsAs } from "./kernel-case.ts";

const DTYPES = ["float32", "int32", "bool"] as const;
const SEED = 20;

/** What a device did with a case: the graph's ops with their dispatches, or why there is none. */
interface Outcome {
  readonly ops?: readonly Pick<Op, "kernel" | "placement" | "dispatches">[];
  /** Kernels with the dtypes for which opcounter says that their shader does not compile. */
  readonly uncompiled?: readonly string[];
  readonly error?: string;
}

async function outcomeOn(device: Device, kernelCase: KernelCase, dtype: DType): Promise<Outcome> {
  const gpu = device.backend.device;
  gpu.pushErrorScope("validation");
  let graph: Graph | undefined;
  let error: string | undefined;
  try {
    graph = await trace(() => withFloatsAs(dtype, kernelCase.sample(SEED)), [], { device });
  } catch (thrown) {
    error = String(thrown);
  }
  // A shader that does not compile is no exception: the device tells it later.
  const invalid = await gpu.popErrorScope();
  if (error !== undefined || invalid !== null) return { error: error ?? String(invalid?.message) };
  return {
    uncompiled: graph?.ops.flatMap((op) => (graph && uncompiledDType(graph, op)) ?? []) ?? [],
    ops:
      graph?.ops.map(({ kernel, placement, dispatches }) => ({ kernel, placement, dispatches })) ??
      [],
  };
}

describe("every kernel of the webgpu backend @linux", function () {
  this.timeout(60_000);
  let devices: Record<"virtual" | "software", Device>;
  const accepted = { float32: 0, int32: 0, bool: 0 };
  let dispatches = 0;

  before(async () => {
    await tf.setBackend("cpu");
    // What TensorFlow.js compiled before it runs again by keys that not all of a shader is in.
    await closeDevices();
    devices = {
      virtual: await openDevice("virtual"),
      software: await openDevice("software"),
    };
    // Or the backend would run kernels this small on the host, without a dispatch.
    tf.env().set("WEBGPU_CPU_FORWARD", false);
  });
  after(() => {
    tf.env().set("WEBGPU_CPU_FORWARD", true);
    const kernels = DTYPES.map((dtype) => `${accepted[dtype]} with ${dtype}`).join(", ");
    console.log(`      ran the same on both: ${kernels}; ${dispatches} dispatches`);
  });

  for (const [kernel, kernelCase] of Object.entries(CASES)) {
    it(`${kernel} dispatches on the virtual device what it does on a real one`, async () => {
      for (const dtype of DTYPES) {
        const real = await outcomeOn(devices.software, kernelCase, dtype);
        const virtual = await outcomeOn(devices.virtual, kernelCase, dtype);
        // Dawn in Node cannot read synchronously, which some kernels do; the virtual device can.
        if (real.error?.includes("OffscreenCanvas")) continue;
        // A shader that does not compile for a dtype, which the virtual device does not notice.
        if (real.error !== undefined && virtual.error === undefined) {
          expect(virtual.uncompiled, `${kernel} of ${dtype}: ${real.error}`).not.to.deep.equal([]);
          continue;
        }
        expect(virtual, dtype).to.deep.equal(real);
        if (real.ops === undefined) continue;
        expect(real.uncompiled, `${kernel} of ${dtype}, which compiles`).to.deep.equal([]);
        accepted[dtype]++;
        dispatches += real.ops.reduce((sum, op) => sum + op.dispatches.length, 0);
      }
    });
  }
});
