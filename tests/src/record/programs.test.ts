import { readFileSync } from "node:fs";
import { join } from "node:path";
import { count } from "@opcounter/counters";
import { type Graph, print, verify } from "@opcounter/ir";
import { fromJson } from "@opcounter/ir/read";
import { expect } from "chai";
import { json, opcounter, ROOT, temporaryFolder } from "../command-line.ts";
import { openReports } from "../report/report-page.ts";

/** Programs of their own, and what they print. */
const PROGRAMS = {
  "examples/webgpu/matmul.ts": "1536",
  "tests/src/record/programs/jax.ts": "5586 4590",
  "tests/src/record/programs/jax-ones.ts": "256",
  "tests/src/record/programs/typegpu.ts": "vec3f(3, 0, 1.5)",
  "tests/src/record/programs/tfjs.ts": "webgpu 125",
} as const;

/** One dispatch, which the virtual GPU need not compute: nothing reads its results. */
const HISTOGRAM = `
  const device = await (await navigator.gpu.requestAdapter()).requestDevice();
  const module = device.createShaderModule({ code: \`
    @group(0) @binding(0) var<storage, read_write> counts: array<atomic<u32>, 4>;
    @compute @workgroup_size(64) fn histogram(@builtin(global_invocation_id) id: vec3u) {
      if (id.x < 100) { atomicAdd(&counts[id.x % 4], 1); }
    }\` });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module } });
  const buffer = device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE });
  const layout = pipeline.getBindGroupLayout(0);
  const entries = [{ binding: 0, resource: { buffer } }];
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
  pass.dispatchWorkgroups(2);
  pass.end();
  device.queue.submit([encoder.finish()]);`;

const folder = temporaryFolder();
const EXAMPLES = join(ROOT, "examples/webgpu");

interface Recorded {
  readonly graph: Graph;
  readonly printed: string;
}

const known = new Map<string, Recorded>();

/** Records a program on a device, once. Returns its graph, and what it printed. */
function recorded(path: string, device: string): Recorded {
  const key = `${path} ${device}`;
  const found = known.get(key) ?? record(path, device);
  known.set(key, found);
  return found;
}

function record(path: string, device: string): Recorded {
  const file = join(folder.path, "graph.json");
  const args = ["record", join(ROOT, path), "--device", device, "--graph", file];
  const { status, stderr } = opcounter(args);
  expect(status, stderr).to.equal(0);
  return { graph: fromJson(JSON.parse(readFileSync(file, "utf8"))), printed: stderr };
}

/** What a graph says apart from where it was recorded. */
function withoutDevice(graph: Graph): string {
  return print(graph)
    .replace(/device=\w+/, "")
    .replaceAll(/\n {2}note .*/g, "");
}

function macsByKernel(graph: Graph): Record<string, unknown> {
  return Object.fromEntries(count(graph).byKernel.map(({ kernel, macs }) => [kernel, macs]));
}

describe("opcounter record", () => {
  after(() => folder.remove());

  for (const [path, printed] of Object.entries(PROGRAMS)) {
    it(`records ${path} alike on the virtual device and on SwiftShader @linux`, () => {
      const [virtual, software] = ["virtual", "software"].map((device) => recorded(path, device));
      if (virtual === undefined || software === undefined) return;
      expect(virtual.printed).to.include(`${printed}\n`);
      expect(software.printed).to.include(`${printed}\n`);
      expect(withoutDevice(virtual.graph)).to.equal(withoutDevice(software.graph));
      expect(verify(virtual.graph)).to.deep.equal([]);
      expect(count(virtual.graph).uncounted).to.deep.equal([]);
    });
  }

  it("counts the multiply-adds of matrix products, whoever wrote the shader", () => {
    const product = 256 ** 3;
    const own = macsByKernel(recorded("examples/webgpu/matmul.ts", "virtual").graph);
    expect(own).to.include({ "wgsl.matmul": product });
    const jax = macsByKernel(recorded("tests/src/record/programs/jax.ts", "virtual").graph);
    expect(jax).to.include({ "wgsl.main": product });
    // Of two arrays of ones, jax-js makes sums of a constant.
    const ones = recorded("tests/src/record/programs/jax-ones.ts", "virtual").graph;
    expect(count(ones).totals).to.include({ macs: 0, flops: product });
  });

  it("prints a report as profile does, grouped as asked", () => {
    const { stdout } = opcounter(["record", "matmul.ts"], EXAMPLES);
    const [head, , titles, row] = stdout.split("\n");
    expect(head).to.equal(
      "matmul.ts  device virtual  ·  1 submit  ·  1 dispatch  ·  1 pipeline  ·  4 buffers  ·  2 uploads (512.0 KiB)  ·  1 readback (256.0 KiB)  ·  convention native",
    );
    expect(titles).to.match(/^kernel +ops +MACs +share +flops +bytes +dispatches$/);
    expect(row).to.match(/^wgsl\.matmul +1 +16\.78 M +100\.0 % +33\.55 M +768\.0 KiB +1$/);
    for (const [by, name] of [
      ["submit", "submit 0"],
      ["scope", "step"],
      ["op", "%0 wgsl.matmul"],
      ["shader", "wgsl.matmul"],
    ] as const) {
      const args = ["record", "matmul.ts", "--by", by];
      expect(opcounter(args, EXAMPLES).stdout).to.include(name);
    }
  });

  it("is a page without what only models have", async () => {
    const page = join(folder.path, "page.html");
    const program = join(EXAMPLES, "matmul.ts");
    expect(opcounter(["record", program, "--format", "html", "-o", page]).status).to.equal(0);
    const reports = await openReports();
    try {
      const opened = await reports.open(readFileSync(page, "utf8"), "", 390);
      expect(opened.said).to.deep.equal([]);
      const shown = (text: string | RegExp) => opened.page.getByText(text).count();
      expect(await shown("16.78 M")).to.be.greaterThan(0);
      expect(await shown(/Parameters|Activations|TensorFlow/)).to.equal(0);
    } finally {
      await reports.close();
    }
  });

  it("gives reports to compare, to check and to read again", () => {
    const [report, graph] = ["report.json", "graph.ir"].map((file) => join(folder.path, file));
    if (report === undefined || graph === undefined) return;
    const program = join(ROOT, "examples/webgpu/matmul.ts");
    const args = ["record", program, "--format", "json", "-o", report, "--graph", graph];
    expect(opcounter(args).status).to.equal(0);
    expect(json(["profile", graph]).totals.macs).to.equal(256 ** 3);
    expect(opcounter(["check", report, "--max-macs", "16777216"]).status).to.equal(0);
    expect(opcounter(["check", report, "--max-dispatches", "0"]).status).to.equal(1);
    const compared = opcounter(["compare", report, report]);
    expect(compared.status).to.equal(0);
    folder.write("histogram.ts", HISTOGRAM);
    for (const format of ["csv", "md", "html", "dot", "mermaid", "latex", "model-explorer"]) {
      const { status, stderr } = opcounter(
        ["record", "histogram.ts", "--format", format],
        folder.path,
      );
      expect(status, stderr).to.equal(0);
    }
  });

  it("has the peak of the buffers that a program holds, however often it writes them", () => {
    folder.write(
      "writes.ts",
      `const device = await (await navigator.gpu.requestAdapter()).requestDevice();
       const { COPY_SRC, COPY_DST } = GPUBufferUsage;
       const make = (size) => device.createBuffer({ size, usage: COPY_SRC | COPY_DST });
       const [from, to] = [make(4000), make(1000)];
       make(6000).destroy();
       for (let i = 0; i < 10; i++) {
         device.queue.writeBuffer(from, 0, new Float32Array(1000).fill(i));
         const encoder = device.createCommandEncoder();
         encoder.copyBufferToBuffer(from, 0, to, 0, 1000);
         device.queue.submit([encoder.finish()]);
       }
       to.destroy();
       make(2000);`,
    );
    const report = json(["record", join(folder.path, "writes.ts")]);
    expect(report.totals).to.include({ peakBytes: 11_000, bytesRead: 10_000 });
    const { stdout } = opcounter(["record", "writes.ts"], folder.path);
    expect(stdout).to.match(
      /peak memory +11,000 +10\.74 KiB of buffers at once, of 12\.70 KiB in all/,
    );
  });

  it("says with --executed how many atomic operations run, where any do", () => {
    folder.write("histogram.ts", HISTOGRAM);
    const { stdout } = opcounter(["record", "histogram.ts", "--executed"], folder.path);
    expect(stdout).to.include("0 B loaded; 0 B stored; 100 atomic operations\n");
    const product = opcounter(["record", "matmul.ts", "--executed"], EXAMPLES);
    expect(product.stdout).to.include(" times the results\n");
  });

  it("runs a program of CommonJS, and keeps stdout for the report", () => {
    const program = JSON.stringify(join(EXAMPLES, "matmul.ts"));
    folder.write(
      "common.cjs",
      `process.stdout.write("12 % " + require("node:path").basename(__filename));
       module.exports = () => import(${program});`,
    );
    const { stdout, stderr } = opcounter(["record", "common.cjs", "--format", "json"], folder.path);
    expect(JSON.parse(stdout)).to.have.property("model", "common.cjs");
    expect(stderr).to.include("12 % common.cjs");
  });

  it("runs files that only import, also in a package of CommonJS", () => {
    folder.write("package.json", '{ "type": "commonjs" }');
    folder.write("only-imports.ts", 'import "./between.ts";');
    folder.write(
      "between.ts",
      'import { adapter } from "./awaits.ts"; console.log(typeof adapter);',
    );
    folder.write("awaits.ts", "export const adapter = await navigator.gpu.requestAdapter();");
    const { stderr } = opcounter(["record", "only-imports.ts"], folder.path);
    expect(stderr).to.match(
      /^object\nopcounter: only-imports\.ts asks navigator\.gpu for no device/,
    );
  });

  it("says in a sentence what a program lacks, and prints what was recorded before", () => {
    folder.write("none.ts", "console.log(1);");
    folder.write("dawn.ts", 'import { create } from "webgpu"; create([]);');
    const program = JSON.stringify(join(EXAMPLES, "matmul.ts"));
    folder.write("throws.ts", `import ${program}; throw new Error("the disk is full");`);
    folder.write(
      "forever.ts",
      "export default () => new Promise((resolve) => setTimeout(resolve, 60_000));",
    );
    const run = (...args: string[]) => opcounter(["record", ...args], folder.path);
    expect(run("none.ts").stderr).to.include(
      "none.ts asks navigator.gpu for no device; nothing was recorded",
    );
    folder.write(
      "large.ts",
      `const device = await (await navigator.gpu.requestAdapter()).requestDevice();
       device.createBuffer({ size: 3e8, usage: 8 });
       device.queue.submit([]);`,
    );
    expect(run("large.ts").stdout).to.include("refused: what is in no op needs 300,000,000 bytes");
    folder.write("page.ts", 'document.querySelector("canvas");');
    expect(run("page.ts").stderr).to.include("a page has it: use --device browser.");
    expect(run(".").stderr).to.include(". is a folder; name a .ts or .js module in it.");
    expect(run("dawn.ts").stderr).to.include("only navigator.gpu is recorded");
    const failing = run("throws.ts");
    expect(failing.status).to.equal(2);
    expect(failing.stdout).to.include("wgsl.matmul");
    expect(failing.stdout).to.include("The program did not end by itself");
    expect(failing.stderr).to.match(/the disk is full\.?\n$/);
    // Node 20 has no navigator; later ones have one without gpu.
    expect(opcounter(["profile", join(EXAMPLES, "matmul.ts")]).stderr).to.match(
      /(navigator is not defined|reading 'requestAdapter'\)); a WebGPU program is run by opcounter record\.\n$/,
    );
    expect(run("none.ts", "--by", "line").stderr).to.include("kernel, op, scope, shader, submit");
    const endless = run("forever.ts", "--timeout", "1");
    expect(endless.status).to.equal(2);
    expect(endless.stderr).to.include("was not done after 1 s");
    expect(run("none.ts", "--device", "gpu", "--limits", "default").stderr).to.include(
      "only --device virtual takes others",
    );
  });
});
