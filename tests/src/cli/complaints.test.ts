import { expect } from "chai";
import { complaint, json, opcounter, temporaryFolder } from "../command-line.ts";
import { type ModelFiles, writeSmallModel } from "./small-model.ts";

describe("the command line", () => {
  const folder = temporaryFolder();
  let model: ModelFiles;

  before(async () => {
    model = await writeSmallModel(folder);
  });
  after(folder.remove);

  describe("says in one sentence, with status 2, that", () => {
    it("a target does not exist", () => {
      expect(complaint(["profile", "densenet12"])).to.include('Did you mean "densenet121"?');
      expect(complaint(["profile", "./missing/model.json"])).to.equal(
        "opcounter: There is no file or folder ./missing/model.json.",
      );
      expect(complaint(["profile", "npm:nobody/model.json"])).to.include("install the package");
    });

    it("an option or argument is wrong, and which help lists what there is", () => {
      const told = (...args: string[]) => opcounter(args).stderr;
      expect(told("explain", "alexnet")).to.match(
        /--convention <name>' not specified\n\(see `opcounter explain --help`\)/,
      );
      expect(told("advise")).to.include("(see `opcounter advise --help`)");
      expect(told("profile", "alexnet", "--tops", "3")).to.match(
        /unknown option '--tops'\n\(Did you mean --top\?\)\n\(see `opcounter profile --help`\)/,
      );
      expect(told("profil", "alexnet")).to.include("(see `opcounter --help`)");
    });

    it("a model.json is cut in half", () => {
      const half = folder.write("half.json", model.json.slice(0, model.json.length / 2));
      expect(complaint(["profile", half])).to.include("half.json is not valid JSON");
    });

    it("a JSON file is no model", () => {
      const other = folder.write("other.json", "[1, 2]");
      expect(complaint(["profile", other])).to.include("is not a TensorFlow.js model.json");
    });

    it("a function computes nothing when it is called, and what it returned", () => {
      const modules = {
        "a generator": "export default () => function* (x) { yield x.add(1); };",
        "a function": "export default () => (x) => () => x.add(1);",
      };
      for (const [returned, source] of Object.entries(modules)) {
        const file = folder.write("deferred.mjs", source);
        expect(complaint(["profile", file, "-i", "x=2x3"])).to.equal(
          `opcounter: The target runs no op and returns ${returned}, which is not run; a target must be a model, or a function that computes with tensors when it is called and returns the results.`,
        );
      }
    });

    it("a saved graph is malformed, and where", () => {
      const bad = folder.write("bad.json", '{"schemaVersion": 1, "ops": []}');
      expect(complaint(["profile", bad])).to.match(/bad\.json: the graph's JSON is wrong at name/);
      const text = folder.write(
        "bad.ir",
        'graph "x" device=virtual {\n  %0 = Relu(x=%1) : f32[2]\n}\n',
      );
      expect(opcounter(["profile", text]).stderr).to.include(
        "bad.ir:2:15: %1 is not defined above",
      );
    });

    it("a saved graph's types contradict its ops", () => {
      const text = folder.write(
        "types.ir",
        'graph "x" device=virtual {\n  %0 = input "x" : f32[2]\n  %1 = Relu(x=%0) : f32[3]\n  return %1\n}\n',
      );
      expect(complaint(["profile", text])).to.match(
        /types\.ir: graph "x" is not valid: op 0 \(Relu\) at line 3: .*f32\[2\]$/,
      );
    });

    it("an option asks for a run of a saved graph", () => {
      const saved = folder.write("saved.ir", 'graph "x" device=virtual {\n}\n');
      const asked = ["--time", "--runs=3", "--device=virtual", "--input=1x2", "--symbolic=batch"];
      for (const option of [...asked, "--training", "--sparsity", "--limits=default"]) {
        const [name] = option.split("=");
        expect(complaint(["profile", saved, option])).to.include(`${name} needs a run, and `);
      }
      expect(complaint(["trace", saved, "--shaders", folder.path])).to.include("needs a run");
    });

    it("a weight file is short or long, and notes that one is missing", () => {
      const broken = temporaryFolder();
      broken.write("model.json", model.json);
      const { warnings, totals } = json(["profile", broken.path]);
      expect(warnings).to.deep.equal([
        `${broken.path}/weights.bin cannot be read: there is no such file; weights are zeros of the shapes that the manifest declares.`,
      ]);
      expect(totals).to.deep.equal(json(["profile", folder.path]).totals);
      expect(json(["profile", folder.path, "--weights", "none"]).totals).to.deep.equal(totals);
      expect(complaint(["profile", broken.path, "--sparsity"])).to.include("were not loaded");
      broken.write("weights.bin", model.bin.slice(0, -100));
      expect(complaint(["profile", broken.path])).to.include("a difference of 100");
      broken.write("weights.bin", new Uint8Array(model.bin.length + 4));
      expect(complaint(["profile", broken.path])).to.include("hold too much");
      const manifest = (paths: string[]) =>
        broken.write(
          "model.json",
          JSON.stringify({
            ...JSON.parse(model.json),
            weightsManifest: [{ ...JSON.parse(model.json).weightsManifest[0], paths }],
          }),
        );
      manifest([]);
      expect(complaint(["profile", broken.path])).to.match(
        /: no file is named and the manifest declares 3,348, a difference of 3,348; /,
      );
      manifest(["a\u0000b"]);
      expect(complaint(["profile", broken.path])).to.match(
        /a\\u0000b cannot be read: no file name has such characters\.$/,
      );
      broken.remove();
    });

    it("a graph model is not whole", () => {
      const dimensions = (size: string) => ({ shape: { shape: { dim: [{ size }] } } });
      const x = { name: "x", op: "Placeholder", attr: dimensions("4") };
      const relu = (name: string, input: string) => ({ name, op: "Relu", input: [input] });
      const profiled = (node: readonly object[], more: object = {}) =>
        complaint([
          "profile",
          folder.write(
            "graph-model.json",
            JSON.stringify({ format: "graph-model", modelTopology: { node }, ...more }),
          ),
        ]);
      expect(profiled([x, relu("a", "b"), relu("b", "a:0")])).to.match(
        /graph-model\.json is not a whole graph model: its nodes "a", "b" take each other's results in a circle\.$/,
      );
      expect(profiled([x, relu("a", "a")])).to.include('"a" takes its own result');
      expect(profiled([x, relu("a", "y")])).to.include('"a" takes "y", which is none of its nodes');
      expect(profiled([])).to.include("it has no nodes");
      // Members of a wrong type, in a node that is otherwise whole.
      for (const [wrong, where] of [
        [{ name: 1 }, "name"],
        [{ op: null }, "op"],
        [{ input: ["x", 1] }, "input.1"],
        [{ input: "x" }, "input"],
        [{ attr: [] }, "attr"],
        [{ attr: "none" }, "attr"],
      ] as const) {
        expect(profiled([x, { ...relu("a", "x"), ...wrong }])).to.match(
          new RegExp(` at modelTopology\\.node\\.1\\.${where}\\.$`),
        );
      }
      const signature = { outputs: { y: { name: "y:0" } } };
      expect(profiled([x, relu("a", "x")], { signature })).to.include('its output "y:0" is none');
      const open = { shape: { shape: { dim: [{}, { size: "4" }] } } };
      expect(profiled([{ ...x, attr: open }, relu("a", "x")])).to.include(
        'the shape of its input "x" has a dimension without a size',
      );
      expect(profiled([{ ...x, attr: dimensions("abc") }])).to.include(
        "a size is no integer at modelTopology.node.0.attr.shape.shape.dim.0.size",
      );
      const own = { name: "f", inputArg: [], outputArg: [{ name: "o" }] };
      const library = (parts: object) => ({
        modelTopology: { node: [x], library: { function: [{ signature: own, ...parts }] } },
      });
      expect(profiled([], library({ ret: {} }))).to.include(
        'its function "f" does not say what "o" returns',
      );
      expect(profiled([], library({}))).to.include("at modelTopology.library.function.0.ret");
    });

    it("an input does not fit", () => {
      expect(complaint(["profile", "alexnet", "--input", "1x224x224x4"])).to.equal(
        'opcounter: Input "image" must be f32[?,?,?,3], and the tensor given is f32[1,224,224,4].',
      );
      for (const dtype of ["string", "c64"]) {
        expect(complaint(["profile", "alexnet", "--input", `1x224x224x3:${dtype}`])).to.include(
          `Input "image" must be f32[?,?,?,3], and the tensor given is ${dtype}[1,224,224,3].`,
        );
      }
      expect(complaint(["profile", "alexnet", "--input", "photo=1x2"])).to.include(
        'no input "photo"',
      );
      expect(complaint(["profile", "alexnet", "--input", "big"])).to.include("cannot be read");
    });

    it("an input is named twice, or is none of those that a module lists", () => {
      const module = folder.write(
        "product.ts",
        `export const inputs = ["a=2x3", "b=3x4"];
         export default (tf) => (a, b) => a.matMul(b);`,
      );
      const macs = (...inputs: string[]) =>
        json(["profile", module, ...inputs.flatMap((input) => ["--input", input])]).totals.macs;
      expect(macs("a=5x3")).to.equal(5 * 3 * 4);
      expect(macs("1x2", "2x1")).to.equal(2);
      expect(complaint(["profile", module, "--input", "c=2x3"])).to.equal(
        'opcounter: The module lists no input "c"; its inputs are a, b.',
      );
      expect(complaint(["profile", module, "--input", "a=2x3", "--input", "a=4x3"])).to.equal(
        'opcounter: Input "a" is given twice; give each input once.',
      );
      const twice = ["--input", "image=1x224x224x3", "--input", "1x32x32x3"];
      expect(complaint(["profile", "alexnet", ...twice])).to.include('"image" is given twice');
    });

    it("a module got no inputs, where it fails for that", () => {
      const profiled = (code: string) =>
        complaint(["profile", folder.write("lonely.ts", `export default ${code};`)]);
      const hint =
        'it was given no inputs; if it takes any, list them in an export such as inputs = ["x=1x8"], or by --input';
      expect(profiled("(tf) => (x) => x.add(1)")).to.include(hint);
      expect(profiled("(tf) => ({ a, b }) => a.add(b)")).to.include(hint);
      expect(profiled("(x) => x.add(1)")).to.include(
        "it is called with tf and no inputs, which go",
      );
    });

    it("a module or plugin throws when it is looked at, or what is no error", () => {
      const proxy =
        'new Proxy({}, { has() { throw new Error("g"); }, ownKeys() { throw new Error("g"); } })';
      const file = folder.write("proxy.ts", `export default ${proxy};`);
      expect(complaint(["profile", file])).to.match(/What .*proxy\.ts exports threw: g$/);
      expect(complaint(["profile", folder.path, "--plugin", file])).to.include(
        "exports no plugin by default: it throws where it is read: g",
      );
      const odd = folder.write("odd.ts", 'throw { code: 7, text: "a\\nb" };');
      expect(complaint(["profile", odd])).to.include('failed while it was loaded: {"code":7,');
      const lines = folder.write(
        "lines.ts",
        'export default () => { throw new Error("a\\n  b"); };',
      );
      expect(complaint(["profile", lines])).to.include("threw: a b");
      const later = folder.write("later.ts", "export default () => () => { throw { code: 7 }; };");
      expect(complaint(["profile", later])).to.include('threw while it ran: {"code":7}');
    });

    it("a plugin's pass returns a broken graph", () => {
      const pass = folder.write(
        "breaking.ts",
        'export default { passes: [{ name: "p", summary: "", run: (g) => ({ ...g, results: [9999] }) }] };',
      );
      expect(complaint(["profile", folder.path, "--plugin", pass, "-p", "p"])).to.match(
        /After pass "p", graph .* is not valid: the graph returns value 9999, which does not exist$/,
      );
    });

    it("a dimension is named twice", () => {
      expect(complaint(["profile", "alexnet", "--symbolic", "batch,height,batch"])).to.equal(
        "opcounter: --symbolic names batch twice; name each dimension once.",
      );
    });

    it("a rule throws, or returns what is no count", () => {
      const cases = {
        'throw new Error("no idea")': "threw: no idea",
        "throw { code: 7 }": 'threw: {"code":7}',
        "return { macs: NaN }": "returned macs = NaN",
        "return { flops: -1 }": "returned flops = -1",
        "return { macs: 1.5 }": "returned macs = 1.5",
        "return 12": "returned 12",
        "return { mac: 1 }": 'returned "mac"',
      };
      for (const [body, message] of Object.entries(cases)) {
        const file = folder.write(
          "rule.ts",
          `export default { counters: { kernels: { FusedConv2D: () => { ${body} } } } };`,
        );
        const sentence = complaint(["profile", folder.path, "--plugin", file]);
        expect(sentence).to.include(message);
        expect(sentence).to.include('for kernel FusedConv2D at op 0 (FusedConv2D) in scope "conv"');
      }
    });

    it("a module or plugin does not compile, throws, or exports nothing useful", () => {
      const broken = folder.write("broken.ts", "export default (tf => ;");
      expect(complaint(["profile", broken]))
        .to.include("cannot be compiled")
        .and.to.include(":1:");
      expect(complaint(["profile", "alexnet", "--plugin", "rules.ts"])).to.equal(
        "opcounter: There is no file rules.ts.",
      );
      const throwing = folder.write("throwing.ts", 'throw new Error("not today");');
      expect(complaint(["profile", throwing])).to.include("not today");
      const failing = folder.write(
        "failing.ts",
        'export default () => () => { throw new Error("bad luck"); };',
      );
      expect(complaint(["profile", failing])).to.include("failing threw while it ran: bad luck");
      expect(complaint(["profile", "squeezenet1_1", "--input", "image=1x0x32x3"])).to.match(
        /squeezenet1_1 threw while it ran: .*; its input image is f32\[1,0,32,3\], which has no element; give it some, as in --input image=1x1x32x3\./,
      );
      const empty = folder.write("empty.ts", "export const x = 1;");
      expect(complaint(["profile", empty])).to.include("must export by default");
      expect(complaint(["profile", "alexnet", "--plugin", empty])).to.include("exports no plugin");
    });

    it("an option is wrong", () => {
      expect(opcounter(["profile", "alexnet", "--depth", "0"]).status).to.equal(2);
      expect(opcounter(["profile", "alexnet", "--devise", "gpu"]).stderr).to.include("--device");
      expect(opcounter(["profile"]).status).to.equal(2);
      expect(opcounter(["profiel", "alexnet"]).stderr).to.include("profile");
      expect(complaint(["profile", "alexnet", "--convention", "thop"])).to.include(
        'Did you mean "thop@2.1"?',
      );
      expect(complaint(["trace", "alexnet", "-o", "graph.txt"])).to.include(".ir");
      expect(complaint(["profile", "alexnet", "-o", "/nowhere/at/all"])).to.include(
        "cannot be written",
      );
    });

    it("a program reads values that are not wanted, and follows those that are @linux", () => {
      const file = folder.write(
        "reading.ts",
        `export const inputs = ["x=2000"];
         export default () => async (x) => ((await x.add(1).data())[0] > 0 ? x.relu() : x);`,
      );
      const refused = complaint(["profile", file, "--device", "virtual", "--values", "none"]);
      expect(refused).to.include("--device software").and.to.include("--values on-demand");
      for (const device of ["virtual", "software"]) {
        const { totals, recorded, warnings } = json(["profile", file, "--device", device]);
        expect(totals.ops).to.equal(2);
        expect(recorded.reads).to.deep.equal([{ op: 0, kernel: "Add", scope: "" }]);
        expect(warnings[0]).to.include("The program reads 1 value back in mid-pass");
      }
    });
  });
});
