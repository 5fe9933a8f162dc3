/** How passes and counting grow with the graph, and how fast counting is. */

import { type Graph, GraphBuilder, runPasses } from "@opcounter/ir";
import { closeDevices, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { passRegistry } from "../packages/cli/src/passes.ts";
import { ZOO } from "../packages/cli/src/zoo/catalog.ts";
import { count } from "../packages/counters/src/count.ts";
import { inTurn, processorMs, type Table } from "./turns.ts";

const PIPELINE = "canonicalize,shapes,fuse,liveness,count";

/** A pipeline over a graph of this size, beside a copy of the graph by structuredClone. */
export function passes(size: number): Table {
  const graph = chainAndBranch(size);
  const registry = passRegistry();
  const taken = (run: () => unknown) => {
    const began = processorMs();
    run();
    return processorMs() - began;
  };
  const ms = taken(() => runPasses(graph, PIPELINE, { registry }));
  // The most that the process held so far: the graph, the graphs of the passes, the report.
  const peak = process.resourceUsage().maxRSS * 1024;
  const cloneMs = taken(() => structuredClone(graph));
  return {
    name: "passes",
    columns: ["ops", "processor time", "ops a second", "`structuredClone`", "most memory"],
    rows: [
      [
        graph.ops.length.toLocaleString("en"),
        `${(ms / 1000).toFixed(2)} s`,
        Math.round((graph.ops.length / ms) * 1000).toLocaleString("en"),
        (ms / cloneMs).toFixed(2),
        `${Math.round(peak / 1e6).toLocaleString("en")} MB`,
      ],
    ],
  };
}

/**
 * `count()` and reading the totals, beside a copy of the graph: of a graph that nothing counted
 * before, and again, as another convention would.
 */
export async function counting(): Promise<Table> {
  const rows: string[][] = [];
  for (const name of ["resnet50", "gpt2"]) {
    const model = ZOO[name];
    if (model === undefined) throw new Error(`the zoo has no ${name}`);
    const inputs = model.inputs.map(({ shape, dtype }) => tf.zeros([...shape], dtype));
    const graph = await trace(model.build(tf), inputs, { device: "virtual" });
    const manyTimes = (run: () => unknown) => {
      const began = processorMs();
      for (let time = 0; time < 20; time++) run();
      return (processorMs() - began) / 20;
    };
    const [, ...counted] = await inTurn(40, [
      { name: "clone", run: () => manyTimes(() => structuredClone(graph)) },
      // What is computed of a graph is kept with it, so another object is counted anew.
      { name: "first", run: () => manyTimes(() => count({ ...graph }).totals.macs) },
      { name: "again", run: () => manyTimes(() => count(graph).totals.macs) },
    ]);
    rows.push([
      name,
      graph.ops.length.toLocaleString("en"),
      ...counted.flatMap(({ median, ratio }) => [
        `${median.toFixed(2)} ms`,
        Math.round((graph.ops.length / median) * 1000).toLocaleString("en"),
        ratio.toFixed(2),
      ]),
    ]);
  }
  await closeDevices();
  const columns = [
    ...["model", "ops"],
    ...["`count()`", "ops a second", "`structuredClone`"],
    ...["again", "ops a second", "`structuredClone`"],
  ];
  return { name: "counting", columns, rows };
}

/** A chain of blocks, each a product, a sum with a bias, a ReLU, and a branch that joins again. */
function chainAndBranch(ops: number): Graph {
  const builder = new GraphBuilder("chain-and-branch");
  const type = { dtype: "float32" as const, shape: [16, 64] };
  let x = builder.input("x", type);
  const weights = builder.param("weights", { dtype: "float32", shape: [64, 64] });
  const bias = builder.param("bias", { dtype: "float32", shape: [64] });
  const matmul = { transposeA: false, transposeB: false };
  const run = (
    kernel: string,
    operands: Record<string, number>,
    attrs = {},
    scope: string[] = [],
  ) => builder.op({ kernel, operands, attrs, results: [type], scope })[0] ?? 0;
  for (let block = 0; builder.opCount < ops; block++) {
    const scope = [`stage${Math.floor(block / 100)}`, `block${block % 100}`];
    const product = run("BatchMatMul", { a: x, b: weights }, matmul, scope);
    const active = run("Relu", { x: run("Add", { a: product, b: bias }, {}, scope) }, {}, scope);
    const view = run("Identity", { x: active }, {}, scope);
    const branch = run(
      "Multiply",
      { a: run("Sigmoid", { x: view }, {}, scope), b: view },
      {},
      scope,
    );
    x = run("Add", { a: branch, b: x }, {}, scope);
  }
  builder.setResults([x]);
  return builder.build();
}
