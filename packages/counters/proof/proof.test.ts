import {
  type DType,
  type Graph,
  GraphBuilder,
  KERNEL_NAMES,
  type TensorType,
  type ValueId,
  verify,
} from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import fc from "fast-check";
import { CONVENTION_NAMES } from "../src/conventions/registry.ts";
import { count } from "../src/count.ts";
import type { FormulaStatus } from "../src/formulas/formula.ts";
import { FORMULAS } from "../src/formulas/registry.ts";
import { CountingArithmetic } from "./counting-arithmetic.ts";
import type { Dense } from "./dense.ts";
import type { Execution } from "./proof.ts";
import { PROOFS, UNPROVEN } from "./registry.ts";

const RUNS = 30;

/** A result of tfjs: its type, with elements as `Dense` has them. */
interface Result extends TensorType {
  readonly values: readonly number[];
}

/** Runs a kernel on tfjs's cpu backend. */
function execute(kernel: string, { operands, isVariadic, attrs }: Execution): Result[] {
  const results: Result[] = [];
  tf.tidy(() => {
    const tensors = Object.fromEntries(
      Object.entries(operands).map(([name, operand]) => [
        name,
        isList(operand) ? operand.map(tensorOf) : tensorOf(operand),
      ]),
    );
    const inputs: unknown = isVariadic ? Object.values(tensors) : tensors;
    // Sound: kernels that take a list of tensors are given an array; tfjs casts it likewise.
    const outputs: tf.Tensor | tf.Tensor[] = tf
      .engine()
      .runKernel(kernel, inputs as tf.NamedTensorMap, { ...attrs } as tf.NamedAttrMap);
    for (const output of [outputs].flat()) {
      const dtype: DType = output.dtype;
      results.push({ dtype, shape: output.shape, values: Array.from(output.dataSync()) });
    }
  });
  return results;
}

function isList(operand: Dense | readonly Dense[]): operand is readonly Dense[] {
  return Array.isArray(operand);
}

/** An execution's operands as the IR names them: a list's one by one. */
function namedOperands({ operands }: Execution): [name: string, operand: Dense][] {
  return Object.entries(operands).flatMap(([name, operand]) =>
    isList(operand)
      ? operand.map((item, i): [string, Dense] => [`${name}.${i}`, item])
      : [[name, operand]],
  );
}

function tensorOf({ dtype, shape, values }: Dense): tf.Tensor {
  if (dtype !== "complex64") return tf.tensor([...values], [...shape], dtype);
  const part = (first: 0 | 1) =>
    tf.tensor(
      values.filter((_, i) => i % 2 === first),
      [...shape],
      "float32",
    );
  return tf.complex(part(0), part(1));
}

/** The graph of that one run. */
function graphOf(kernel: string, execution: Execution, results: Result[]): Graph {
  const builder = new GraphBuilder(kernel);
  const ids: Record<string, ValueId> = {};
  for (const [name, operand] of namedOperands(execution)) ids[name] = builder.input(name, operand);
  builder.setResults(builder.op({ kernel, operands: ids, attrs: execution.attrs, results }));
  return builder.build();
}

/** Whether float32 may have rounded one to the other. */
function isClose(a: number, b: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(a), Math.abs(b));
}

/** Holds the naive loops to tfjs's values, and the formula to what the loops tallied. */
function check(kernel: string, execution: Execution): void {
  const results = execute(kernel, execution);
  const graph = graphOf(kernel, execution, results);
  expect(verify(graph)).to.deep.equal([]);
  const { macs, flops, transcendentals } = count(graph, { strict: true }).totals;
  const cost = { macs, flops, transcendentals };
  // No convention uses a symbol that the kernel's formula does not give.
  for (const convention of CONVENTION_NAMES) count(graph, { convention });

  if (execution.compute === undefined) {
    const known = new Set(namedOperands(execution).flatMap(([, { values }]) => values));
    for (const constant of execution.constants) known.add(Math.fround(constant));
    const computed = results.flatMap(({ values }) => values.filter((value) => !known.has(value)));
    expect(computed, "elements that are no operand's").to.deep.equal([]);
    expect(cost).to.deep.equal({ macs: 0, flops: 0, transcendentals: 0 });
    return;
  }
  const tally = new CountingArithmetic();
  const expected = execution.compute(tally);
  expect(expected).to.have.length(results.length);
  results.forEach(({ values }, i) => {
    const own = expected[i] ?? [];
    expect(own, `elements of result ${i}`).to.have.length(values.length);
    const wrong = values.findIndex((value, j) => !isClose(value, own[j] ?? Number.NaN));
    if (wrong < 0) return;
    throw new Error(`element ${wrong} of result ${i}: tfjs ${values[wrong]}, loops ${own[wrong]}`);
  });
  const counted = {
    macs: tally.macs,
    flops: tally.flops,
    transcendentals: tally.transcendentals,
  };
  if (FORMULAS.get(kernel)?.status !== "bound") {
    expect(cost, "the formula").to.deep.equal(counted);
    return;
  }
  for (const [quantity, bound] of Object.entries({ macs, flops, transcendentals })) {
    const value = quantity === "macs" ? tally.macs : Reflect.get(counted, quantity);
    expect(value, `${quantity} within the bound`).to.be.at.most(Number(bound));
  }
}

describe("proof of the formulas by brute force", function () {
  this.timeout(60_000);
  let backend = "";
  before(async () => {
    backend = tf.getBackend();
    await tf.setBackend("cpu");
  });
  after(async () => {
    if (tf.findBackend(backend) !== null) await tf.setBackend(backend);
  });

  it("covers every kernel, but those of which it says why not", () => {
    const covered = [...PROOFS.map(({ kernel }) => kernel), ...Object.keys(UNPROVEN)];
    const missing = KERNEL_NAMES.filter((kernel) => !covered.includes(kernel));
    expect(
      missing,
      "kernels without a proof in proof/cases, or a reason in UNPROVEN",
    ).to.deep.equal([]);
    expect(covered.sort()).to.deep.equal([...KERNEL_NAMES].sort());
  });

  for (const { kernel, executions } of PROOFS) {
    it(kernel, () => {
      fc.assert(
        fc.property(executions, (execution) => check(kernel, execution)),
        { numRuns: RUNS },
      );
    });
  }

  describe(summary(), () => {
    for (const [kernel, reason] of Object.entries(UNPROVEN)) {
      it(`${kernel} is not proven: ${reason}`, () => expect(FORMULAS.has(kernel)).to.equal(true));
    }
  });
});

/** What the run shows: how many kernels are counted in which way, and how many are proven. */
function summary(): string {
  const having = (status: FormulaStatus) =>
    [...FORMULAS.values()].filter((formula) => formula.status === status).length;
  const unproven = Object.keys(UNPROVEN).length;
  return [
    `${FORMULAS.size} kernels: ${having("formula")} formulas, ${having("zero")} declared zeros`,
    `${having("bound")} bounds; ${PROOFS.length} proven by brute force, ${unproven} not`,
  ].join(", ");
}
