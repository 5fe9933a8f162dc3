import { OpcounterError } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { CONVENTION_NAMES, profile } from "opcounter";
import { opcounter, temporaryFolder } from "./command-line.ts";

const NAMED = (name: string) => ({
  name,
  description: "",
  unit: "flops" as const,
  kernels: { Relu: "10 * M" },
});

/** The manifest of a dense layer's weights, whose file is missing. */
const WEIGHTS = [
  {
    paths: ["none.bin"],
    weights: [
      { name: "fc/kernel", shape: [8, 4], dtype: "float32" },
      { name: "fc/bias", shape: [4], dtype: "float32" },
    ],
  },
];

describe("plugins", () => {
  const folder = temporaryFolder();
  const plugin = (name: string, content: object) =>
    folder.write(name, `export default ${JSON.stringify(content)};`);
  before(() => {
    folder.write(
      "relu.ts",
      'export const inputs = ["x=1x8"]; export default (tf) => (x) => x.relu();',
    );
  });
  after(folder.remove);

  it("give the pass count their conventions and rules", () => {
    plugin("convention.ts", { conventions: [NAMED("tens@1")] });
    folder.write(
      "rules.ts",
      "export default { counters: { kernels: { Relu: () => ({ flops: 3 }) } } };",
    );
    const found = (options: string, file: string) =>
      opcounter(["opt", "relu.ts", "-p", `count${options}`, "--plugin", file], folder.path).stderr;
    expect(found("{convention=tens@1}", "convention.ts")).to.match(
      /^count \(tens@1\): .* 80 FLOPs/,
    );
    expect(found("", "rules.ts")).to.match(/^count \(native\): .* 3 FLOPs/);
    expect(found("{convention=tens@2}", "convention.ts")).to.equal(
      'opcounter: There is no convention "tens@2". Did you mean "tens@1"? There are ' +
        `${[...CONVENTION_NAMES, "tens@1"].join(", ")}.\n`,
    );
  });

  it("register layers and ops that a model needs", async () => {
    const layer = (class_name: string, config: object) => ({ class_name, config });
    const layers = [
      layer("Dense", { units: 4, batch_input_shape: [null, 8], name: "fc" }),
      layer("MultiplyBeta", { name: "beta" }),
    ];
    folder.write(
      "layers.json",
      JSON.stringify({ modelTopology: layer("Sequential", { layers }), weightsManifest: WEIGHTS }),
    );
    const T = { type: "DT_FLOAT" };
    const shape = { shape: { dim: [{ size: "8" }] } };
    const node = [
      { name: "x", op: "Placeholder", attr: { dtype: T, shape } },
      { name: "y", op: "Cube", input: ["x"] },
    ];
    folder.write("graph-model.json", JSON.stringify({ modelTopology: { node } }));
    folder.write(
      "parts.ts",
      `import * as tf from "@tensorflow/tfjs";
       class MultiplyBeta extends tf.layers.Layer {
         static className = "MultiplyBeta";
         call(inputs) { return tf.mul(inputs[0], 0.2); }
       }
       tf.serialization.registerClass(MultiplyBeta);
       tf.registerOp("Cube", ({ inputs: [x] }) => x.square().mul(x));
       export default {};`,
    );
    const found = (target: string, ...options: string[]) =>
      opcounter(["profile", target, "--by", "op", ...options], folder.path);
    expect(found("layers.json").stderr).to.include(
      "uses the layer class MultiplyBeta, which TensorFlow.js does not have; register it with",
    );
    expect(found("layers.json", "--plugin", "parts.ts").stdout)
      .to.match(/Multiply/)
      .and.to.match(/^MACs +32 /m);
    expect(found("graph-model.json").stderr).to.include("uses the op Cube, which");
    expect(found("graph-model.json", "--plugin", "parts.ts").stdout).to.match(/^FLOPs +16 /m);
  });

  it("take no convention's name that is taken", async () => {
    const message = (name: string) => `Two conventions are called "${name}"; rename the plugin's.`;
    for (const name of ["native", "thop@head", "tens@1"]) {
      plugin("taken.ts", { conventions: [NAMED(name), NAMED("tens@1")] });
      const { status, stderr } = opcounter(
        ["profile", "relu.ts", "--plugin", "taken.ts"],
        folder.path,
      );
      expect(stderr).to.equal(`opcounter: ${message(name)}\n`);
      expect(status).to.equal(2);
    }
    let thrown: unknown;
    try {
      await profile((x: tf.Tensor) => x.relu(), [tf.zeros([2])], {
        plugins: [{ conventions: [NAMED("thop@head")] }],
      });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).to.be.instanceOf(OpcounterError).with.property("message", message("thop@head"));
  });

  const refused = async (options: object): Promise<string> => {
    const x = tf.zeros([2]);
    try {
      await profile((x: tf.Tensor) => x.relu(), [x], options);
    } catch (error) {
      expect(error).to.be.instanceOf(OpcounterError);
      return String(error);
    } finally {
      x.dispose();
    }
    return "nothing";
  };

  it("given in code are checked as those of a file are", async () => {
    expect(await refused({ plugins: [{ counters: { kernel: {} } }] })).to.include(
      'plugins[0].counters has no part "kernel". Did you mean "kernels"?',
    );
    expect(await refused({ plugins: [{ cost: [] }] })).to.include('plugins[0] has no part "cost"');
    expect(await refused({ plugins: [null] })).to.include("plugins[0] is no object");
    expect(await refused({ plugins: {} })).to.include("plugins is no list");
    expect(await refused({ plugins: [{ costs: [null] }] })).to.include("plugins[0].costs");
  });

  it("whose symbols throw, or are no integers, are named with the op", async () => {
    const symbols = (rows: () => number) =>
      refused({
        convention: "own@1",
        plugins: [
          {
            conventions: [
              {
                ...{ name: "own@1", description: "", unit: "flops" },
                ...{ kernels: { Relu: "rows" }, symbols: { Relu: { rows } } },
              },
            ],
          },
        ],
      });
    const thrown = () => {
      throw new Error("no rows");
    };
    expect(await symbols(thrown)).to.include("The symbol rows of op 0 (Relu) throws: no rows");
    for (const value of [Number.NaN, -1, 0.5]) {
      expect(await symbols(() => value)).to.include(
        `The symbol rows of op 0 (Relu) is ${value}, which is no integer of at least 0`,
      );
    }
  });
});
