import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { countGraph, type DispatchWork, isProblem } from "@opcounter/executed";
import { GraphBuilder } from "@opcounter/ir";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { executed } from "opcounter";
import { floatOperations } from "../../../packages/cli/src/executed/waste.ts";
import { opcounter, temporaryFolder } from "../command-line.ts";

/** One row, which tfjs gives to a tile of eight, and a sum. */
const dense = (x: tf.Tensor, w: tf.Tensor) =>
  tf.tidy("dense", () => tf.matMul(x.as2D(1, 512), w.as2D(512, 256)).relu());

const FLAGS = { WEBGPU_CPU_FORWARD: false };

async function traced() {
  await tf.setBackend("cpu");
  return trace(dense, [tf.zeros([1, 512]), tf.zeros([512, 256])], { flags: FLAGS, name: "dense" });
}

describe("executed(graph)", () => {
  it("holds what shaders execute beside what formulas count", async () => {
    const { model, total, ops, byKernel, problems } = await executed(await traced());
    expect(model).to.equal("dense");
    expect(problems).to.deep.equal([]);
    expect(total).to.include({ macs: 131_072, products: 8 * 131_072, dispatches: 2, uncounted: 0 });
    expect(total.atMost).to.equal(null);
    expect(byKernel.map(({ kernel, dispatches }) => [kernel, dispatches])).to.deep.equal([
      ["BatchMatMul", 1],
      ["Relu", 1],
    ]);
    const [product, relu] = ops;
    expect(product?.waste.map(({ cause }) => cause)).to.include("padding");
    expect(product?.waste[0]?.reason).to.equal(
      "88 % of its products are padding of tiles, 88 % by invocations that have no result",
    );
    expect(relu).to.include({ products: 0, macs: 0, flops: 256, bytesWritten: 1024 });
    expect(relu?.work).to.include({ storeBytes: 1024, multiplyAdds: 0 });
  });

  it("adds up, by kernel and by op", async () => {
    const { total, byKernel, ops } = await executed(await traced());
    for (const rows of [byKernel, ops]) {
      const sum = (value: (row: (typeof rows)[number]) => number) =>
        rows.reduce((all, row) => all + value(row), 0);
      expect(sum(({ work }) => work.integers)).to.equal(total.work.integers);
      expect(sum(({ invocations }) => invocations)).to.equal(total.invocations);
      expect(sum(({ idle }) => idle.loads)).to.equal(total.idle.loads);
    }
  });

  it("counts identical work once, and takes it from a cache", async () => {
    const graph = await traced();
    const cache = new Map<string, DispatchWork>();
    const first = await executed(graph, { cache });
    expect(cache.size).to.equal(2);
    const keys = [...cache.keys()];
    for (const [key, work] of cache) cache.set(key, { ...work, barriers: work.barriers + 1 });
    const second = await executed(await traced(), { cache });
    expect([...cache.keys()]).to.deep.equal(keys);
    expect(second.total.barriers).to.equal(first.total.barriers + 2);
  });

  it("says of a graph without shaders that it cannot count it", () => {
    const builder = new GraphBuilder("bare");
    const x = builder.input("x", { dtype: "float32", shape: [4] });
    const dispatches = [{ program: "UnaryOpProgram", workgroups: [1, 1, 1] as const }];
    builder.op({
      ...{ kernel: "Relu", operands: { x }, attrs: {}, dispatches },
      results: [{ dtype: "float32", shape: [4] }],
    });
    const [found] = countGraph(builder.build());
    if (found === undefined || !isProblem(found.counted)) expect.fail("it was counted");
    expect(found.counted.reason).to.equal("the graph does not hold its shader and its uniforms");
  });
});

/** Counted faster than a model of the zoo. */
const DENSE = `export const inputs = ["1x512"];
export default (tf) => tf.sequential({ layers: [
  tf.layers.dense({ inputShape: [512], units: 256, activation: "relu" }),
] });`;

/** What is counted of a model in one test is kept for the next. */
const folder = temporaryFolder();
after(folder.remove);
const run = (...args: readonly string[]) =>
  opcounter(args, folder.path, { XDG_CACHE_HOME: join(folder.path, "cache") });

describe("profile --executed", () => {
  const profile = (...args: readonly string[]) =>
    run("profile", "squeezenet1_1", "--executed", ...args);

  it("prints what shaders execute below the table, and keeps it for the next run", () => {
    const first = profile("--by", "kernel");
    expect(first.status).to.equal(0);
    expect(first.stdout).to.match(/^executed {2}by the shaders/m);
    expect(first.stdout).to.match(/multiply-adds? and .* products for each MAC$/m);
    expect(first.stdout).to.match(/^MaxPool +/m);
    const path = join(folder.path, "cache/opcounter/executed.json");
    const kept = JSON.parse(readFileSync(path, "utf8"));
    expect(Object.keys(kept).length).to.be.greaterThan(20);
    expect(profile("--by", "kernel").stdout).to.equal(first.stdout);
    // What it keeps is what it reads: less work there is less work here.
    writeFileSync(path, JSON.stringify(kept).replaceAll(/"counts":\[\d+/g, '"counts":[1'));
    expect(profile("--by", "kernel").stdout).to.not.equal(first.stdout);
    const small = () => run("profile", "dense.ts", "--executed").stdout;
    folder.write("dense.ts", DENSE);
    const counted = small();
    expect(counted).to.match(/^executed {2}by the shaders/m);
    writeFileSync(path, "{");
    expect(small()).to.equal(counted);
    writeFileSync(path, JSON.stringify(kept));
  });

  it("says how long a device takes at least, of integers too where their rate is known", () => {
    const spec = join(folder.path, "card.json");
    const limits = { name: "a card", flops: 1e12, bandwidth: 1e11 };
    writeFileSync(spec, JSON.stringify(limits));
    const said = () => profile("--device-spec", spec).stdout.replaceAll(/\s+/g, " ");
    expect(said()).to.match(/on a card at least .*; its rate of integer operations is not known/);
    writeFileSync(spec, JSON.stringify({ ...limits, integers: 1e9 }));
    const [, amount, unit] = /; ([\d.,]+) (m?s) of integer operations/.exec(said()) ?? [];
    const { executed: found } = JSON.parse(profile("--format", "json").stdout);
    const ms = Number(amount?.replaceAll(",", "")) * (unit === "s" ? 1000 : 1);
    expect(ms).to.be.closeTo(found.total.work.integers / 1e6, 0.01 * ms);
  });

  it("is in the JSON, exact", () => {
    const { executed: found } = JSON.parse(profile("--format", "json").stdout);
    expect(found.total.atMost).to.equal(null);
    expect(found.problems).to.deep.equal([]);
    expect(found.total.products / found.total.macs).to.be.closeTo(1.205, 0.001);
    expect(found.byScope[0]).to.include({ scope: "features", depth: 1 });
  });

  it("is printed as CSV, LaTeX and Markdown, with causes", () => {
    const { executed: found } = JSON.parse(profile("--format", "json").stdout);
    const [titles = "", ...rows] = profile("--format", "csv", "--by", "op")
      .stdout.trim()
      .split("\n");
    expect(titles).to.match(/^name,scope,dispatches,uncounted,macs,products,multiplyAdds,/);
    const place = titles.split(",").indexOf("multiplyAdds");
    const sum = rows.reduce((all, row) => all + Number(row.split(",")[place]), 0);
    expect(rows).to.have.lengthOf(found.ops.length);
    expect(sum).to.equal(found.total.work.multiplyAdds);
    expect(profile("--format", "latex", "--by", "op", "--top", "3").stdout).to.match(
      /of its products are padding of tiles/,
    );
    const markdown = profile("--format", "md", "--by", "kernel").stdout;
    expect(markdown).to.match(/^#### Executed by the shaders\n\n\| most beyond its formula +\|/m);
    const refused = profile("--format", "csv", "--device-spec", "h100");
    expect(refused.status).to.equal(2);
    expect(refused.stderr).to.match(/--format csv has one table, and executed work/);
  });

  it("names causes with --by op", () => {
    const { stdout } = profile("--by", "op", "--top", "3");
    expect(stdout).to.match(/% of its products are padding of tiles/);
  });
});

describe("advise --executed", () => {
  it("names the ops whose shaders pad most, the worst first", () => {
    const args = ["advise", "lstm", "--executed", "--format", "json"];
    const { findings } = JSON.parse(run(...args).stdout);
    const padded = findings.filter(({ rule }: { rule: string }) => rule === "padded-tiles");
    expect(padded[0].finding).to.match(
      /^\d+ times: MatMulPackedProgram executes 8\.00 products for each MAC: 88 % .* cost no more\.$/,
    );
    expect(padded[0].scope).to.include("lstm");
    const without = JSON.parse(opcounter(args.filter((arg) => arg !== "--executed")).stdout);
    expect(without.findings).to.deep.equal(
      findings.filter(({ rule }: { rule: string }) => rule !== "padded-tiles"),
    );
  });
});

describe("docs/executed.md", () => {
  const page = readFileSync(new URL("../../../docs/executed.md", import.meta.url), "utf8");

  for (const model of ["resnet18", "squeezenet1_1", "gpt2", "lstm"]) {
    it(`has the ratios of ${model}`, () => {
      const { stdout } = run("profile", model, "--executed", "--format", "json");
      const { executed: found } = JSON.parse(stdout);
      const { work, products, macs, bytesRead, idleInvocations, invocations, atMost } = found.total;
      expect(atMost, "what depends on buffers").to.equal(null);
      const ratios = [
        (products / macs).toFixed(2),
        (work.integers / floatOperations(work)).toFixed(2),
        (work.loadBytes / bytesRead).toFixed(2),
        `${((100 * idleInvocations) / invocations).toFixed(1)} %`,
      ];
      const row = page.split("\n").find((line) => line.startsWith(`| ${model} `)) ?? "";
      const cells = row.split("|").map((cell) => cell.trim());
      expect(cells.slice(2, -1)).to.deep.equal(ratios);
    });
  }
});
