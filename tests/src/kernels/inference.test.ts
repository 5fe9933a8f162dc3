import { KERNEL_NAMES } from "@opcounter/ir";
import { openDevice, withBackend } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { CASES } from "./cases.ts";
import { executionsOf } from "./executions.ts";
import { type KernelCase, unlessTfjsThrows, withDTypes } from "./kernel-case.ts";

/** What cannot be run as a kernel in Node, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  FromPixels: "takes an image of the browser",
  Where: "is a function of tfjs and no kernel",
  ListDiff: "is a function of tfjs and no kernel",
  Draw: "draws on a canvas of the browser",
};

/** Kernels of a backend whose path depends on values, which the virtual device does not have. */
const READS_VALUES = new Set(["NonMaxSuppressionV3", "NonMaxSuppressionV5"]);

/** Runs random cases of a kernel and holds every kernel executed on the way to its declaration. */
function check(kernel: string, kernelCase: KernelCase, runs: number): void {
  const reached = new Set<string>();
  kernelCase.assert((run) => {
    const executions = executionsOf(run);
    const problems = executions.flatMap(({ kernel, problems }) =>
      problems.map((problem) => `${kernel}: ${problem}`),
    );
    if (problems.length > 0) throw new Error(problems.join("\n"));
    for (const { kernel } of executions) reached.add(kernel);
  }, runs);
  if (!reached.has(kernel)) throw new Error(`its case ran only ${[...reached].join(", ")}`);
}

const DTYPES = ["float32", "int32", "bool", "complex64"] as const;

/** Three dtypes for the first three tensors of a case: more than any kernel tells apart. */
const COMBINATIONS = DTYPES.flatMap((a) =>
  DTYPES.flatMap((b) => DTYPES.map((c) => [a, b, c] as const)),
);

/** What is not as declared of the kernels that tfjs runs on every combination of dtypes. */
function problemsOfDTypes(kernelCase: KernelCase): string[] {
  const problems = [1, 2, 3, 4, 5].flatMap((seed) => {
    // A case that has taken the first dtypes alone runs alike whatever the others are.
    const ran = new Set<string>();
    return COMBINATIONS.flatMap((dtypes) => {
      if (dtypes.some((_, length) => ran.has(dtypes.slice(0, length).join()))) return [];
      const left = [...dtypes];
      const run = kernelCase.sample(seed);
      // tfjs refuses most combinations, or a later call of the case refuses its dtypes.
      const executions = executionsOf(() => unlessTfjsThrows(/./, () => withDTypes(left, run)));
      ran.add(dtypes.slice(0, dtypes.length - left.length).join());
      return executions.flatMap(({ kernel, problems }) =>
        problems.map((problem) => `${kernel} of ${dtypes.join(", ")}: ${problem}`),
      );
    });
  });
  return [...new Set(problems)];
}

describe("inference accepts the dtypes that tfjs runs", () => {
  const problems = () =>
    Object.entries(CASES).flatMap(([name, kernelCase]) =>
      READS_VALUES.has(name) ? [] : problemsOfDTypes(kernelCase),
    );

  it("on cpu", async () => {
    await tf.setBackend("cpu");
    expect(problems()).to.deep.equal([]);
  });

  it("on webgpu, on the virtual device", async () => {
    await withBackend(await openDevice("virtual"), async () => {
      expect(problems()).to.deep.equal([]);
    });
  });
});

describe("shape inference equals what tfjs gives", () => {
  it("for every kernel but those that cannot be run here", () => {
    const covered = [...Object.keys(CASES), ...Object.keys(NOT_RUN)];
    const missing = KERNEL_NAMES.filter((kernel) => !covered.includes(kernel));
    expect(missing, "kernels without a case in tests/src/kernels, or a reason here").to.deep.equal(
      [],
    );
    expect(covered.sort()).to.deep.equal([...KERNEL_NAMES].sort());
  });

  describe("on cpu", () => {
    before(async () => {
      await tf.setBackend("cpu");
    });
    const registered = new Set(tf.getKernelsForBackend("cpu").map(({ kernelName }) => kernelName));
    for (const [kernel, kernelCase] of Object.entries(CASES)) {
      if (!registered.has(kernel)) continue;
      it(kernel, () => check(kernel, kernelCase, 30));
    }
  });

  describe("on webgpu, on the virtual device", () => {
    for (const [kernel, kernelCase] of Object.entries(CASES)) {
      it(kernel, async () => {
        const device = await openDevice("virtual");
        await withBackend(device, async () => {
          const isRegistered = tf
            .getKernelsForBackend("webgpu")
            .some(({ kernelName }) => kernelName === kernel);
          if (isRegistered) check(kernel, kernelCase, READS_VALUES.has(kernel) ? 5 : 15);
          else expect(MISSING_ON_WEBGPU).to.include(kernel);
        });
      });
    }
  });
});

/** Kernels that tfjs 4.22 has for other backends only. */
const MISSING_ON_WEBGPU = [
  "BitwiseAnd",
  "NonMaxSuppressionV4",
  "RaggedGather",
  "RaggedRange",
  "RaggedTensorToTensor",
  "SparseFillEmptyRows",
  "SparseReshape",
  "StaticRegexReplace",
  "StringSplit",
  "StringToHashBucketFast",
  "Unique",
];
