// What Windows does differently, in so far as it shows elsewhere: paths, and the ends of lines.
import { readdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { readConvention, readCosts } from "@opcounter/counters";
import { parsePipeline, print, toJson } from "@opcounter/ir";
import { fromJson, parse } from "@opcounter/ir/read";
import { loadModel } from "@opcounter/tracer";
import { expect } from "chai";
import { specOf } from "../../packages/cli/src/device-spec.ts";
import { readBudgets } from "../../packages/cli/src/read-budget.ts";
import { readJson } from "../../packages/cli/src/read-file.ts";
import { parseInputOption } from "../../packages/cli/src/target/input-option.ts";
import { locate } from "../../packages/cli/src/target/locate.ts";
import { nameOfTarget } from "../../packages/cli/src/target/name-of-target.ts";
import { programLine } from "../../packages/tracer/src/recording/source-lines.ts";
import { writeSmallModel } from "./cli/small-model.ts";
import { complaint, json, opcounter, temporaryFolder } from "./command-line.ts";

/** A text as Windows' editors may write it. */
const FORMS: Readonly<Record<string, (text: string) => string>> = {
  "with CRLF": (text) => text.replaceAll("\n", "\r\n"),
  "with a byte order mark": (text) => `\uFEFF${text}`,
  "with both": (text) => `\uFEFF${text.replaceAll("\n", "\r\n")}`,
};

const GOLDEN = new URL("../golden/", import.meta.url);
const pretty = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

describe("ends of lines and byte order marks", () => {
  const folder = temporaryFolder();
  after(folder.remove);

  /** Readers of texts, by what they read: each gives what is to be the same. */
  const texts: Readonly<Record<string, [string, (text: string) => unknown]>> = {
    "a pipeline": ['canonicalize,\n  count{convention="native",\n strict=true}\n', parsePipeline],
    "an expression of a convention": [
      "\n max(1,\n 2 * M)\n + 3\n",
      (text) =>
        readConvention({ name: "own", description: "", unit: "flops", kernels: { Relu: text } }),
    ],
    "an expression of a cost": [
      "\n macs\n + 2 * flops\n",
      (text) => readCosts([{ name: "e", unit: "J", description: "", total: "sum", op: text }]),
    ],
    budgets: [
      pretty({ budgets: [{ target: "alexnet", max: { macs: "300M" } }] }),
      (text) => readBudgets(folder.write("budget.json", text)),
    ],
    "a device's specification": [
      pretty({ name: "card", flops: 1e12, bandwidth: 1e11 }),
      (text) =>
        specOf(
          { name: "virtual", description: "", computes: false },
          folder.write("spec.json", text),
        ),
    ],
    "a JSON file": [pretty({ a: [1] }), (text) => readJson(folder.write("any.json", text))],
  };

  for (const [form, written] of Object.entries(FORMS)) {
    describe(form, () => {
      for (const [what, [text, read]] of Object.entries(texts)) {
        it(`change nothing of ${what}`, async () => {
          expect(pretty(await read(written(text)))).to.equal(pretty(await read(text)));
        });
      }

      it("change nothing of a graph, in text and in JSON", () => {
        for (const name of readdirSync(GOLDEN).filter((file) => file.endsWith(".ir"))) {
          const text = readFileSync(new URL(name, GOLDEN), "utf8");
          const graph = parse(text);
          expect(print(parse(written(text))), name).to.equal(print(graph));
          const file = folder.write("graph.json", written(pretty(toJson(graph))));
          expect(print(fromJson(readJson(file))), name).to.equal(print(graph));
        }
      });

      it("change nothing of a model.json", async () => {
        const { json: text } = await writeSmallModel(folder);
        const paramsOf = async (content: string) => {
          const model = await loadModel(folder.write("model.json", content));
          const count = "countParams" in model ? model.countParams() : 0;
          model.dispose();
          return count;
        };
        const manifest = pretty(JSON.parse(text));
        expect(await paramsOf(written(manifest))).to.equal(await paramsOf(manifest));
      });

      it("change nothing of a module, a plugin, or the lines they are named by", () => {
        const module = [
          "// Its first line.",
          'export const inputs = ["x=2x3"];',
          "export default () => (x) =>",
          "  x",
          "    .relu()",
          "    .exp();",
          "",
        ].join("\n");
        const plugin =
          "export default {\n counters: {\n kernels: { Relu: () => ({ flops: 7 }) } } };\n";
        const outputOf = (change: (text: string) => string) => {
          folder.write("model.js", change(module));
          folder.write("plugin.js", change(plugin));
          const args = ["profile", "model.js", "--plugin", "plugin.js", "--by", "line"];
          return opcounter(args, folder.path).stdout;
        };
        const output = outputOf((text) => text);
        expect(output).to.match(/^model\.js:5 /m);
        expect(outputOf(written)).to.equal(output);
      });
    });
  }
});

describe("paths of Windows", () => {
  it("are no addresses, and a drive's letter is no option", () => {
    expect(() => locate("C:\\models\\model.json")).to.throw(
      "There is no file or folder C:\\models\\model.json.",
    );
    const named = parseInputOption("image=@C:\\photos\\a.png:f32:resize");
    expect(named).to.deep.include({ path: "C:\\photos\\a.png", resize: "model" });
    expect(parseInputOption("@C:\\a.npy")).to.deep.include({ path: "C:\\a.npy" });
  });

  it("name a model by their last part", () => {
    expect(nameOfTarget("C:\\models\\pose\\model.json")).to.equal("pose");
    expect(nameOfTarget("C:\\models\\pose.ts")).to.equal("pose");
  });

  it("are told apart from TensorFlow.js's in a stack", () => {
    const stack = [
      "Error",
      "    at runKernel (C:\\app\\node_modules\\@tensorflow\\tfjs-core\\dist\\tf-core.node.js:1:2)",
      "    at count (C:\\app\\node_modules\\opcounter\\dist\\index.js:3:4)",
      "    at predict (C:\\app\\src\\model.js:10:20)",
      "    at file:///C:/app/src/main.js:7:8",
    ].join("\n");
    expect(programLine(stack)).to.deep.equal({
      ...{ file: "C:\\app\\src\\model.js", line: 10, column: 20 },
    });
  });
});

describe("the address of a file", () => {
  const folder = temporaryFolder();
  after(folder.remove);

  it("is its path, on the command line and in loadModel", async () => {
    await writeSmallModel(folder);
    const { href } = pathToFileURL(`${folder.path}/model.json`);
    expect(json(["profile", href]).totals).to.deep.equal(
      json(["profile", `${folder.path}/model.json`]).totals,
    );
    (await loadModel(href)).dispose();
  });

  it("of another machine is none", () => {
    const said = complaint(["profile", "file://server/model.json"]);
    expect(said).to.match(/^opcounter: file:\/\/server\/model\.json is no file here: .*\.$/);
  });
});
