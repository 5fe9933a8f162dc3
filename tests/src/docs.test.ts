import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CONVENTION_NAMES } from "@opcounter/counters";
import { BUILT_IN_PASSES, createPassRegistry, type Graph, print, runPasses } from "@opcounter/ir";
import { parse } from "@opcounter/ir/read";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { type CostReport, type Plugin, type ProfileOptions, profile } from "opcounter";
import { figuresOf } from "../../packages/cli/src/render/figures.ts";
import { PATTERN_NAMES } from "../../packages/ir/src/patterns/registry.ts";
import { opcounter, temporaryFolder } from "./command-line.ts";

/** A model that every documented plugin has something to say of. */
const MODEL = `export const inputs = ["image=1x16x16x3"];
export default (tf) => {
  const filter = tf.variable(tf.zeros([3, 3, 3, 4]));
  return (image) => tf.tidy("decoder", () => tf.maxPool(tf.conv2d(image, filter, 1, "same"), 2, 2, "same").relu());
};`;

/** Code blocks that begin with \`// name.ts: command\`, as [name, command, code]. */
function plugins(page: string): [name: string, command: string[], code: string][] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), "utf8");
  return [...text.matchAll(/```ts\n\/\/ (\S+\.ts): opcounter (.*)\n([\s\S]*?)```/g)].map(
    ([, name = "", command = "", code = ""]) => [name, command.split(" "), code],
  );
}

describe("documented plugins", () => {
  const folder = temporaryFolder();
  before(() => {
    folder.write("package.json", '{ "type": "module" }');
    folder.write("model.ts", MODEL);
  });
  after(folder.remove);

  const EXPECTED: Readonly<Record<string, RegExp>> = {
    "rules.ts": /^MACs +0 /m,
    "pool-relu.ts": /group pool-relu\(1, 2\)/,
    "adds.ts": /^FLOPs +26,880 /m,
    // Each of the three ops is bound by its bytes: 7,600, 5,120 and 2,048 of them, by 16.
    "cycles.ts": /^cycles +923 /m,
  };
  /** The same from code: options of profile, and what the report must include. */
  const IN_CODE: Readonly<Record<string, [ProfileOptions, Partial<CostReport>]>> = {
    "rules.ts": [{}, { macs: 0 }],
    "pool-relu.ts": [{ passes: "canonicalize,pool-relu" }, { macs: 16 * 16 * 4 * 27 }],
    "adds.ts": [{ convention: "adds@1" }, { macs: null, flops: 26_880 }],
    "cycles.ts": [{}, { macs: 16 * 16 * 4 * 27 }],
  };
  const pages = ["README.md", "docs/conventions.md", "docs/costs.md", "docs/passes.md"];

  for (const page of pages) {
    for (const [name, command, code] of plugins(page)) {
      it(`${name} of ${page} runs as it says`, () => {
        folder.write(name, code);
        const { status, stdout, stderr } = opcounter(command, folder.path);
        expect(stderr).to.equal("");
        expect(status).to.equal(0);
        expect(stdout).to.match(EXPECTED[name] ?? /an expectation is missing/);
        expect(code.split("\n").length).to.be.at.most(20);
      });

      it(`${name} of ${page} works in code`, async () => {
        const [options, expected] = IN_CODE[name] ?? [{}, { macs: -1 }];
        const plugin: Plugin = (await import(folder.write(name, code))).default;
        const model = (await import(join(folder.path, "model.ts"))).default(tf);
        const image = tf.zeros([1, 16, 16, 3]);
        const report = await profile(model, [image], { ...options, plugins: [plugin] });
        expect(report).to.include(expected);
      });
    }
  }

  it("pool-relu.ts leaves alone a pool whose result two ops use, or the graph returns", async () => {
    const [, , code = ""] =
      plugins("docs/passes.md").find(([name]) => name === "pool-relu.ts") ?? [];
    const { passes }: Plugin = (await import(folder.write("pool-relu.ts", code))).default;
    const registry = createPassRegistry([...BUILT_IN_PASSES, ...(passes ?? [])]);
    const graph = (returned: string) =>
      parse(`graph "pool" device=virtual {
  %x = input "x" : f32[1,4,4,1]
  %0 = MaxPool(x=%x) {filterSize=2, strides=2, pad="valid"} : f32[1,2,2,1]
  %1 = Relu(x=%0) : f32[1,2,2,1]
  return ${returned}
}
`);
    const groups = (graph: Graph, pipeline = "pool-relu") =>
      runPasses(graph, pipeline, { registry }).groups;
    expect(groups(graph("%1"))).to.deep.equal([{ pattern: "pool-relu", ops: [0, 1] }]);
    expect(groups(graph("%1"), "pool-relu,pool-relu")).to.have.length(1);
    expect(groups(graph("%0, %1"))).to.deep.equal([]);
    const twice = print(graph("%1")).replace(
      "  return",
      "  %2 = Relu(x=%0) : f32[1,2,2,1]\n  return",
    );
    expect(groups(parse(twice))).to.deep.equal([]);
  });

  it("are there", () => {
    expect(pages.flatMap(plugins)).to.have.length(4);
  });
});

describe("docs/graph.md", () => {
  it("shows a graph as it is printed", () => {
    const page = readFileSync(new URL("../../docs/graph.md", import.meta.url), "utf8");
    const [text = ""] = /^graph "tiny"[\s\S]*?^\}\n/m.exec(page) ?? [];
    expect(print(parse(text))).to.equal(text);
  });
});

describe("the documentation lists", () => {
  const read = (page: string) => readFileSync(new URL(`../../${page}`, import.meta.url), "utf8");
  /** The part of a page from one heading to the next of its rank. */
  const section = (page: string, heading: string) => {
    const [, text = ""] = read(page).split(`\n## ${heading}\n`);
    return text.split("\n## ")[0] ?? "";
  };

  it("every built-in pass", () => {
    const page = read("docs/passes.md");
    const names = BUILT_IN_PASSES.map(({ name }) => name);
    const missing = names.filter((name) => !page.includes(`\n| \`${name}\` `));
    expect(missing, "passes without a row in the table of docs/passes.md").to.deep.equal([]);
  });

  it("every pattern that fuse recognises", () => {
    const plain = (text: string) => text.toLowerCase().replaceAll("-", " ");
    const text = plain(section("docs/passes.md", "Groups"));
    const missing = [...PATTERN_NAMES].filter((name) => !text.includes(plain(name)));
    expect(missing, "patterns that Groups of docs/passes.md does not name").to.deep.equal([]);
  });

  it("every convention", () => {
    for (const page of ["README.md", "docs/conventions.md"]) {
      const [text = ""] = read(page).split("## Your own conventions");
      const missing = CONVENTION_NAMES.filter((name) => !text.includes(`\`${name}\``));
      expect(missing, `conventions that ${page} does not name`).to.deep.equal([]);
    }
  });

  it("every input and output of the action", () => {
    const [, inputs = "", outputs = ""] =
      /\ninputs:\n([\s\S]*?)\noutputs:\n([\s\S]*?)\nruns:/.exec(read("action.yml")) ?? [];
    const names = [...`${inputs}\n${outputs}`.matchAll(/^ {2}([\w-]+):$/gm)].map(
      ([, name = ""]) => name,
    );
    expect(names).to.include("arguments").and.to.include("passed");
    const page = section("docs/ci.md", "On GitHub");
    const missing = names.filter((name) => !new RegExp(`\`${name}\\b`).test(page));
    expect(missing, "inputs and outputs that docs/ci.md does not name").to.deep.equal([]);
  });

  it("every figure that rows have", () => {
    const text = section("docs/command-line.md", "opcounter profile");
    const [list = ""] = /The figures that `--sort` and `--columns` take are .*/.exec(text) ?? [];
    const names = figuresOf({ costs: [], macs: 0 }).map(({ name }) => name);
    const missing = names.filter((name) => !list.includes(`\`${name}\``));
    expect(missing, "figures that docs/command-line.md does not name").to.deep.equal([]);
  });
});
