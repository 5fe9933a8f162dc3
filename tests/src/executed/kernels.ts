import { addWork, noWork, ShaderProblem, WORK_KINDS } from "@opcounter/executed";
import type { DType } from "@opcounter/ir";
import { openDevice } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import fc from "fast-check";
import { withNavigatorGpu } from "../../../packages/tracer/src/devices/globals.ts";
import { CASES } from "../kernels/cases.ts";
import { type KernelCase, withFloatsAs, withValues } from "../kernels/kernel-case.ts";
import { ComputingDevice, type CountedDispatch } from "./computing-device.ts";
import { expectSameAsReference } from "./same-as-reference.ts";

/** By dtype: where random arguments begin. */
const SEEDS = { float32: [20, 21], int32: [20], bool: [20] } as const;
const DTYPES = ["float32", "int32", "bool"] as const;

/** TensorFlow.js's shaders that no device compiles. */
const REFUSED = [
  ...["int32", "bool"].map((dtype) => `BatchToSpaceND of ${dtype}`),
  "DenseBincount of float32",
  ...["int32", "bool"].map((dtype) => `Einsum of ${dtype}`),
  ...["ScatterNd", "SparseSegmentMean", "SparseSegmentSum"].map((kernel) => `${kernel} of bool`),
];

function kindOf(error: unknown): string {
  if (error instanceof ShaderProblem) return error.kind;
  throw error;
}

/** The result of a kernel: its values, or why there are none. */
interface Outcome {
  readonly kernel: string;
  readonly values: readonly (readonly number[])[];
}

/** By seed: random integers, drawn once for all kernels. */
const DRAWN: ReadonlyMap<number, readonly number[]> = new Map(
  Object.values(SEEDS)
    .flat()
    .map((seed) => [seed, fc.sample(fc.integer({ min: -16, max: 16 }), { seed, numRuns: 997 })]),
);

/** Values that float32 adds and multiplies exactly; integers that are indices of most tensors. */
function valuesFrom(seed: number): (dtype: DType) => number {
  const drawn = DRAWN.get(seed);
  if (drawn === undefined) throw new Error(`nothing is drawn from seed ${seed}`);
  let place = 0;
  return (dtype) => {
    const value = drawn[place++ % drawn.length] ?? 0;
    if (dtype === "float32") return value / 8;
    return dtype === "bool" ? value & 1 : 0;
  };
}

/** What each kernel of a case computes on a backend. */
async function outcomesOn(backend: string, kernelCase: KernelCase, dtype: DType, seed: number) {
  await tf.setBackend(backend);
  const engine = tf.engine();
  const results: { kernel: string; tensors: tf.Tensor[] }[] = [];
  const { runKernel } = engine;
  const record: typeof runKernel = (kernel, inputs, attrs) => {
    const outputs = runKernel.call(engine, kernel, inputs, attrs);
    results.push({ kernel, tensors: [outputs].flat() });
    // Sound: what runKernel gave, whatever type its caller asked for.
    return outputs as never;
  };
  engine.startScope();
  engine.runKernel = record;
  try {
    const run = kernelCase.sample(seed);
    withValues(valuesFrom(seed), () => withFloatsAs(dtype, run));
    Reflect.deleteProperty(engine, "runKernel");
    const outcomes: Outcome[] = [];
    for (const { kernel, tensors } of results) {
      const values = await Promise.all(tensors.map(async (each) => [...(await each.data())]));
      outcomes.push({ kernel, values: values.map((list) => list.map(Number)) });
    }
    return outcomes;
  } finally {
    Reflect.deleteProperty(engine, "runKernel");
    engine.endScope();
  }
}

/** Classes and workgroups, one by one, must count the same, or within the bounds that classes give. */
function expectCounted(dispatch: CountedDispatch): void {
  const { program, classes, informed, workgroups } = dispatch;
  const sum = { work: noWork(), idle: 0, divergences: 0, barriers: 0 };
  for (const counts of workgroups) {
    addWork(sum.work, counts.least);
    sum.idle += counts.idleInvocations;
    sum.divergences += counts.divergences.least;
    sum.barriers += counts.barriers.least;
  }
  for (const { work, atMost, idleInvocations, barriers } of [classes, informed]) {
    for (const kind of WORK_KINDS) {
      const most = (atMost ?? work)[kind];
      expect(sum.work[kind], `${program}, ${kind}`).to.be.within(work[kind], most);
    }
    if (atMost !== undefined) continue;
    expect(idleInvocations, `${program}, idle`).to.equal(sum.idle);
    expect(barriers, `${program}, barriers`).to.equal(sum.barriers);
  }
}

describe("shaders of every kernel, run by @opcounter/executed @linux", function () {
  this.timeout(120_000);
  let device: ComputingDevice;
  let software: GPUDevice;
  let dispatches = 0;
  let exact = 0;
  let informed = 0;
  const refused = new Set<string>();

  before(async () => {
    const opened = await openDevice("software");
    software = opened.backend.device;
    const { WebGPUBackend } = await import("@tensorflow/tfjs-backend-webgpu");
    device = new ComputingDevice(software.limits);
    const proven = new Set<string>();
    device.onDispatch = (label, source, launch) => {
      if (!proven.has(source)) expectSameAsReference(source, launch, label);
      proven.add(source);
    };
    // Sound: it has every member of a device that the backend uses.
    const computing = device as unknown as GPUDevice;
    const backend = withNavigatorGpu(() => new WebGPUBackend(computing));
    tf.registerBackend("computing", () => backend);
    tf.registerBackend("swiftshader", () => opened.backend);
    tf.copyRegisteredKernels("webgpu", "computing");
    tf.copyRegisteredKernels("webgpu", "swiftshader");
    tf.env().set("WEBGPU_CPU_FORWARD", false);
  });
  after(async () => {
    tf.env().set("WEBGPU_CPU_FORWARD", true);
    await tf.setBackend("cpu");
    tf.removeBackend("computing");
    tf.removeBackend("swiftshader");
    const known = `${informed} where contents are known`;
    console.log(`      ${dispatches} dispatches, ${exact} of them counted exactly, ${known}`);
  });

  for (const [kernel, kernelCase] of Object.entries(CASES)) {
    it(`${kernel} stores what SwiftShader stores, and is counted as it runs`, async () => {
      for (const dtype of DTYPES) {
        for (const seed of SEEDS[dtype]) {
          device.counted.length = 0;
          software.pushErrorScope("validation");
          let real: Outcome[] | undefined;
          try {
            real = await outcomesOn("swiftshader", kernelCase, dtype, seed);
          } catch {}
          const invalid = await software.popErrorScope();
          if (real === undefined) continue;
          if (invalid !== null) {
            const refusal = await outcomesOn("computing", kernelCase, dtype, seed).catch(kindOf);
            expect(refusal, `${kernel} of ${dtype}: ${invalid.message}`).to.equal("refused");
            refused.add(`${kernel} of ${dtype}`);
            continue;
          }
          const computed = await outcomesOn("computing", kernelCase, dtype, seed);
          expect(computed.map((each) => each.kernel)).to.deep.equal(
            real.map((each) => each.kernel),
          );
          for (const [i, { values }] of real.entries()) {
            for (const [j, list] of values.entries()) {
              expectNear(computed[i]?.values[j] ?? [], list, `${real[i]?.kernel} ${dtype} ${seed}`);
            }
          }
          for (const dispatch of device.counted) expectCounted(dispatch);
          dispatches += device.counted.length;
          informed += device.counted.filter((each) => each.informed.atMost === undefined).length;
          exact += device.counted.filter(({ classes }) => classes.atMost === undefined).length;
        }
      }
    });
  }

  it("are refused where SwiftShader's Dawn refuses them, and nowhere else", () => {
    expect([...refused]).to.have.members(REFUSED);
  });
});

/** Integers exactly; floats within what WGSL allows its functions. */
function expectNear(actual: readonly number[], expected: readonly number[], what: string): void {
  expect(actual, what).to.have.lengthOf(expected.length);
  for (const [i, value] of expected.entries()) {
    const got = actual[i] ?? Number.NaN;
    if (Object.is(got, value) || got === value) continue;
    // What comes of numbers that are not finite, and what they become as integers, WGSL leaves open.
    if (!Number.isFinite(got) || value === -(2 ** 31)) continue;
    const allowed = Number.isInteger(value) ? 1e-5 : 1e-4;
    expect(Math.abs(got - value), `${what}: ${got} for ${value} at ${i}`).to.be.at.most(
      allowed * Math.max(1, Math.abs(value)),
    );
  }
}
