import { readFileSync } from "node:fs";
import { type CostReport, count, findConvention } from "@opcounter/counters";
import { openDevice, trace, withBackend } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { LOWERED } from "../../packages/counters/src/conventions/xla.ts";
import { evaluate } from "../../packages/counters/src/expressions/evaluate.ts";
import { parseExpression } from "../../packages/counters/src/expressions/expression.ts";
import { format } from "../../packages/counters/src/expressions/format.ts";
import { expectTable } from "./generated-table.ts";
import { BYTES_REASONS, FLOPS_REASONS, PROGRAMS } from "./xla-programs.ts";

type InputType = "float32" | "int32" | "bool" | "complex64";

/** What XLA's cost analysis gave for a computation, through JAX. */
interface Reference {
  readonly shapes: readonly (readonly [...number[], InputType])[];
  readonly flops: number;
  readonly transcendentals: number;
  readonly bytes: number;
  readonly opt_bytes: number;
}

const CASES: Readonly<Record<string, Reference>> = JSON.parse(
  readFileSync(new URL("../fixtures/reference/xla-jax.json", import.meta.url), "utf8"),
).cases;

function operand([...type]: readonly [...number[], InputType]): {
  shape: number[];
  dtype: InputType;
} {
  const shape = type.filter((length) => typeof length === "number");
  const dtype = type.find((part) => typeof part === "string") ?? "float32";
  return { shape, dtype };
}

function zeros(type: Reference["shapes"][number]): tf.Tensor {
  const { shape, dtype } = operand(type);
  return dtype === "complex64"
    ? tf.tidy(() => tf.complex(tf.zeros(shape), tf.zeros(shape)))
    : tf.zeros(shape, dtype);
}

const elements = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

describe("the convention xla", () => {
  const reports = new Map<string, CostReport>();

  before(async () => {
    const device = await openDevice("virtual");
    for (const [name, program] of Object.entries(PROGRAMS)) {
      const graph = await withBackend(device, () => {
        const inputs = CASES[name]?.shapes.map(zeros) ?? [];
        // Sound: a program takes tensors as its case's shapes say.
        const target = program as (...operands: tf.Tensor[]) => tf.Tensor;
        return trace(target, inputs, { device }).finally(() => tf.dispose(inputs));
      });
      reports.set(name, count(graph, { convention: "xla", strict: true }));
    }
  });

  for (const [name, reference] of Object.entries(CASES)) {
    const reason = FLOPS_REASONS[name];
    it(`${reason === undefined ? "has" : "explains"} what XLA counts of: ${name}`, () => {
      const report = reports.get(name);
      const { flops, transcendentals } = report?.totals ?? { flops: 0, transcendentals: 0 };
      expect(transcendentals).to.equal(reference.transcendentals);
      const [first] = reference.shapes;
      const N = elements(first === undefined ? [] : operand(first).shape);
      const result = report?.ops.at(-1)?.outputs[0];
      // What TensorFlow.js lacks is elementwise.
      const symbols = { N, M: result === undefined ? N : elements(result.shape) };
      const difference = evaluate(parseExpression(reason?.difference ?? "0"), symbols);
      expect(flops).to.equal(reference.flops + Number(difference));
    });
  }

  it("is XLA's figure for at least 80 of 88 computations", () => {
    expect(Object.keys(CASES)).to.have.length(88);
    expect(Object.keys(FLOPS_REASONS).length).to.be.at.most(8);
    for (const { difference } of Object.values(FLOPS_REASONS)) {
      expect(evaluate(parseExpression(difference), { N: 21, M: 21 })).to.not.equal(0);
    }
  });

  it("has a reason wherever bytes differ from XLA's", () => {
    const explained = Object.values(BYTES_REASONS).flat();
    const differing = Object.entries(CASES).filter(([name, { bytes }]) => {
      const totals = reports.get(name)?.totals;
      return Number(totals?.bytesRead) + Number(totals?.bytesWritten) !== bytes;
    });
    expect([...explained].sort()).to.deep.equal(differing.map(([name]) => name).sort());
  });

  it("is documented: what differs, and what each kernel is", () => {
    expectTable(
      "parity.md",
      "xla: flops",
      ["computation", "ours − XLA's", "why"],
      Object.entries(FLOPS_REASONS).map(([name, { difference, why }]) => [
        name,
        format(parseExpression(difference)),
        why,
      ]),
    );
    expectTable(
      "parity.md",
      "xla: bytes",
      ["why", "computations"],
      Object.entries(BYTES_REASONS).map(([why, names]) => [why, names.join(", ")]),
    );
    const { flops, transcendentals } = findConvention("xla").costs;
    const kernels = new Set([
      ...(flops?.kernels.keys() ?? []),
      ...(transcendentals?.kernels.keys() ?? []),
    ]);
    const text = (table: typeof flops, kernel: string) => {
      const expression = table?.kernels.get(kernel);
      return expression === undefined ? "0" : format(expression);
    };
    expectTable(
      "parity.md",
      "xla: kernels",
      ["kernel", "flops", "transcendentals", "counted as"],
      [...kernels]
        .sort()
        .map((kernel) => [
          kernel,
          text(flops, kernel),
          text(transcendentals, kernel),
          Object.hasOwn(LOWERED.flops, kernel) ? "lowered" : "instructions of XLA's",
        ]),
    );
  });
});
