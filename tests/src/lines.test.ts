import { readFileSync } from "node:fs";
import { join } from "node:path";
import { linesOf } from "@opcounter/ir";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { complaint, opcounter, temporaryFolder } from "./command-line.ts";

/** A module whose bundle has none of its first lines, and what it imports before it. */
const MODEL = `import type * as tfjs from "@tensorflow/tfjs";
import { head, type Options } from "./head.ts";

const options: Options = { rate: 2 };
export const inputs = ["x=1x8x8x3"];
export default (tf: typeof tfjs) => {
  const layers = [tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 3] })];
  const model = tf.sequential({ layers });
  return async (x: tfjs.Tensor4D) => {
    const y = model.apply(x) as tfjs.Tensor;
    const some = await tf.whereAsync(tf.greater(x, 0));
    return [head(tf, y, options), some];
  };
};
`;
const HEAD = `import type * as tfjs from "@tensorflow/tfjs";

// Types are gone when this runs.
export interface Options {
  readonly rate: number;
}

export function head(tf: typeof tfjs, x: tfjs.Tensor, { rate }: Options): tfjs.Tensor {
  return tf.tidy(() => x
    .relu()
    .mul(rate));
}
`;

describe("lines of the program", () => {
  const folder = temporaryFolder();
  after(folder.remove);
  const model = folder.write("model.ts", MODEL);
  folder.write("head.ts", HEAD);

  it("are rows, with what is written there, of the modules as they were before they were bundled", () => {
    const { stdout, stderr } = opcounter(
      ["profile", "model.ts", "--by", "line", "--columns", "ops,macs,source"],
      folder.path,
    );
    expect(stderr).to.equal("");
    const [, table = ""] = stdout.split("\n\n");
    expect(table.split("\n").map((line) => line.split(/ {2,}/))).to.deep.equal([
      ["line", "ops", "MACs", "source"],
      ["model.ts:10", "1", "3,888", "const y = model.apply(x) as tfjs.Tensor;"],
      ["model.ts:11", "2", "0", "const some = await tf.whereAsync(tf.greater(x, 0));"],
      ["head.ts:10", "1", "0", ".relu()"],
      ["head.ts:11", "1", "0", ".mul(rate));"],
    ]);
  });

  it("have the memory that is alive while they run, and what a layer's rule counts has none", () => {
    const plugin = folder.write(
      "plugin.ts",
      "export default { counters: { layers: { Conv2D: () => ({ macs: 7 }) } } };",
    );
    const args = ["--by", "line", "--sort", "memory", "--columns", "memory,macs"];
    const { stdout } = opcounter(["profile", model, ...args, "--plugin", plugin]);
    expect(stdout).to.match(/^\S*head\.ts:1[01] +[\d.]+ KiB +0$/m);
    expect(stdout).to.match(/^\(no line\) +7$/m);
  });

  it("are recorded for programs where they are asked for, in callbacks and after a promise too", async () => {
    const target = async () => {
      const x = tf.tidy(() => {
        return tf.fill([2048], 2).add(1);
      });
      await Promise.resolve();
      return x.square();
    };
    const graph = await trace(target, [], { device: "virtual", lines: true });
    const places = [...(linesOf(graph)?.values() ?? [])];
    const [first = { line: 0 }] = places;
    expect(places.map(({ line }) => line - first.line)).to.deep.equal([0, 0, 3]);
    for (const { file } of places) expect(file).to.match(/lines\.test\.ts$/);
    expect(linesOf(await trace(target, [], { device: "virtual" }))).to.equal(undefined);
  });

  it("are not known of saved graphs and of what passes made", () => {
    const graph = join(folder.path, "graph.ir");
    opcounter(["trace", model, "-o", graph]);
    expect(complaint(["profile", graph, "--by", "line"])).to.include("--by line needs a run");
    expect(complaint(["profile", model, "--by", "line", "--passes", "fuse"])).to.equal(
      "opcounter: Ops that passes made have no lines; leave out --by line or --passes.",
    );
  });

  it("are rows of the JSON, with which the report is read back", () => {
    folder.write("model.ts", MODEL);
    folder.write("head.ts", HEAD);
    const args = ["profile", "model.ts", "--by", "line", "--format", "json", "-o", "report.json"];
    expect(opcounter(args, folder.path).status).to.equal(0);
    const { byLine, totals } = JSON.parse(readFileSync(join(folder.path, "report.json"), "utf8"));
    const [first] = byLine;
    expect(first.line).to.equal("model.ts:10");
    expect(first.source).to.equal("const y = model.apply(x) as tfjs.Tensor;");
    const flops = byLine.reduce((sum: number, row: { flops: number }) => sum + row.flops, 0);
    expect(flops).to.equal(totals.flops);
    expect(opcounter(["compare", "report.json", "report.json"], folder.path).stdout).to.include(
      "Nothing differs",
    );
  });
});
