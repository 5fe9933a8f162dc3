// How the pipeline grows with the graph: ops a second and bytes an op at each decade.
// Run with `npm run bench:passes`.

import { type Graph, GraphBuilder, runPasses } from "@opcounter/ir";
import { passRegistry } from "../packages/cli/src/passes.ts";

const PIPELINE = "canonicalize,shapes,fuse,liveness,count";
const registry = passRegistry();

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

const rows: Record<string, string | number>[] = [];
for (const size of [10_000, 100_000, 1_000_000]) {
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const graph = chainAndBranch(size);
  const started = performance.now();
  runPasses(graph, PIPELINE, { registry });
  const seconds = (performance.now() - started) / 1000;
  const bytes = Math.max(0, process.memoryUsage().rss - before);
  rows.push({
    ops: graph.ops.length,
    seconds: seconds.toFixed(2),
    "ops/s": Math.round(graph.ops.length / seconds),
    "bytes/op (resident)": Math.round(bytes / graph.ops.length),
    "resident MB": Math.round(process.memoryUsage().rss / 1e6),
  });
}
console.table(rows);
