import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parse } from "@ts-graphviz/ast";
import { Ajv } from "ajv";
import { expect } from "chai";
import { complaint, opcounter, temporaryFolder } from "./command-line.ts";
import { graphOf, HOSTILE_NAMES } from "./hostile-names.ts";
import { MODEL_EXPLORER_GRAPHS, MODEL_EXPLORER_NODE_DATA } from "./model-explorer-schema.ts";

const SPEEDSCOPE = createRequire(import.meta.url).resolve(
  "speedscope/dist/release/file-format-schema.json",
);

interface TraceEvent {
  readonly ph: "B" | "E" | "M" | "C";
  readonly name: string;
  readonly tid: number;
  readonly ts: number;
  readonly args?: { readonly op?: number; readonly bytes?: number };
}

describe("exports", () => {
  const folder = temporaryFolder();
  before(() => folder.write("g.ir", graphOf(HOSTILE_NAMES.join(""))));
  after(folder.remove);

  /** What a format prints of a model and of a graph whose names are hostile. */
  const exported = (format: string, ...args: readonly string[]): string[] =>
    ["resnet18", "g.ir"].map((target) => {
      const all = ["profile", target, "--format", format, ...args];
      const { stdout, stderr } = opcounter(all, folder.path);
      expect(stderr.replaceAll(/^Running .*\n/gm, "")).to.equal("");
      return stdout;
    });

  it("trace: scopes around ops, on a track of its own each, and memory", () => {
    for (const text of exported("trace", "--device-spec", "h100")) {
      const { traceEvents } = JSON.parse(text) as { traceEvents: TraceEvent[] };
      const open: TraceEvent[] = [];
      let last = 0;
      for (const event of traceEvents.filter(({ ph }) => ph === "B" || ph === "E")) {
        expect(event.ts).to.be.at.least(last);
        last = event.ts;
        if (event.ph === "B") open.push(event);
        else expect(open.pop()?.name).to.equal(event.name);
      }
      expect(open).to.deep.equal([]);
      const ops = traceEvents.filter(({ args }) => args?.op !== undefined);
      expect(ops.length).to.be.greaterThan(0);
      const memory = traceEvents.filter(({ ph }) => ph === "C");
      expect(memory).to.have.length(ops.length);
      for (const { args } of memory) expect(args?.bytes).to.be.greaterThan(0);
    }
    const args = ["--format", "trace", "--device-spec", "h100"];
    const { traceEvents } = JSON.parse(opcounter(["profile", "resnet18", ...args]).stdout);
    const roofline = JSON.parse(
      opcounter(["profile", "resnet18", "--device-spec", "h100", "--format", "json"]).stdout,
    ).roofline;
    const total = Math.max(...traceEvents.map(({ ts = 0 }: TraceEvent) => ts));
    expect(total / 1000).to.be.closeTo(roofline.total.expected.ms, 0.001);
  });

  it("trace: times that were measured, of the device and of the host @linux", () => {
    const model = folder.write(
      "model.mjs",
      `export default (tf) => tf.sequential({ layers: [
        tf.layers.conv2d({ filters: 8, kernelSize: 3, inputShape: [32, 32, 3], name: "conv" }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 10, name: "fc" }),
      ] });`,
    );
    const run = ["profile", model, "--device", "software", "--time", "--runs", "2"];
    const { stdout, stderr, status } = opcounter([...run, "--format", "trace"]);
    expect(status, stderr).to.equal(0);
    const { traceEvents, otherData } = JSON.parse(stdout) as {
      traceEvents: TraceEvent[];
      otherData: { times: string };
    };
    expect(otherData.times).to.match(/measured/);
    for (const tid of [1, 2]) {
      const track = traceEvents.filter((event) => event.tid === tid && event.ph !== "M");
      expect(track.map(({ name }) => name)).to.include("conv");
      expect(Math.max(...track.map(({ ts }) => ts))).to.be.greaterThan(0);
    }
    const scopes = traceEvents.filter(({ ph, tid }) => ph === "B" && tid === 1);
    expect(scopes.some(({ args }) => args?.op !== undefined)).to.equal(true);
  });

  it("speedscope: as its schema asks, and adding up to the total", () => {
    const schema = JSON.parse(readFileSync(SPEEDSCOPE, "utf8"));
    const ajv = new Ajv({ strict: false });
    for (const args of [
      ["--sort", "flops"],
      ["--device-spec", "h100"],
      ["--sort", "bytesRead"],
    ]) {
      for (const text of exported("speedscope", ...args)) {
        expect(ajv.validate(schema, JSON.parse(text)), ajv.errorsText()).to.equal(true);
      }
    }
    const { stdout } = opcounter(["profile", "resnet18", "--format", "speedscope"]);
    expect(JSON.parse(stdout).profiles[0]).to.include({ name: "macs", endValue: 1_814_073_344 });
  });

  it("dot: as Graphviz reads it", () => {
    for (const text of [...exported("dot"), ...exported("dot", "--by", "op")]) {
      const found = JSON.stringify(parse(text));
      expect(found).to.include('"type":"Graph"');
    }
    const [resnet = ""] = exported("dot", "--depth", "1");
    expect(resnet).to.match(/^ {2}n\d+ \[label="layer1\\n\d.*M macs"\];$/m);
    expect(resnet).to.match(/^ {2}n0 -> n1;$/m);
  });

  it("mermaid: a name in a label is no syntax", () => {
    for (const text of [...exported("mermaid"), ...exported("mermaid", "--by", "op")]) {
      const [first, ...lines] = text.trim().split("\n");
      expect(first).to.equal("flowchart TD");
      for (const line of lines) {
        expect(line).to.match(
          /^ +(?:n\d+\["(?:[\p{L}\p{N} .,/()-]|#\d+;)*<br>[^"[\]]*"\]|subgraph s\d+\["[^"[\]]*"\]|end|n\d+ --> n\d+)$/u,
        );
      }
    }
  });

  it("model-explorer: as its interfaces ask, edges from nodes that are there, and data of its ops", () => {
    const graphs = exported("model-explorer").map((text) => JSON.parse(text));
    const data = exported("node-data").map((text) => JSON.parse(text));
    const ajv = new Ajv();
    for (const each of graphs) {
      expect(ajv.validate(MODEL_EXPLORER_GRAPHS, each), ajv.errorsText()).to.equal(true);
    }
    for (const each of data) {
      expect(ajv.validate(MODEL_EXPLORER_NODE_DATA, each), ajv.errorsText()).to.equal(true);
    }
    for (const [i, [{ id, nodes }]] of graphs.entries()) {
      const ids = new Set(nodes.map((node: { id: string }) => node.id));
      expect(ids.size).to.equal(nodes.length);
      for (const { incomingEdges = [] } of nodes) {
        for (const { sourceNodeId } of incomingEdges) expect(ids.has(sourceNodeId)).to.equal(true);
      }
      const results = Object.entries<{ value: number }>(data[i][id].results);
      for (const [node] of results) expect(ids.has(node), node).to.equal(true);
      if (i > 0) continue;
      const macs = results.reduce((sum, [, { value }]) => sum + value, 0);
      expect(macs).to.equal(1_814_073_344);
    }
  });

  it("say what they need", () => {
    expect(complaint(["profile", "resnet18", "--format", "trace"])).to.match(
      /No times are known for a timeline; predict them by --device-spec h100; of a model/,
    );
    expect(complaint(["profile", "resnet18", "--format", "dot", "--symbolic", "batch"])).to.match(
      /--format dot has no place for/,
    );
  });
});
