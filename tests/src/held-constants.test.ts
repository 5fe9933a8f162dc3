import { count } from "@opcounter/counters";
import { paramsOf, toJson } from "@opcounter/ir";
import { fromJson } from "@opcounter/ir/read";
import { openDevice, type TraceOptions, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { opcounter, temporaryFolder } from "./command-line.ts";

const MODULE = `import * as tf from "@tensorflow/tfjs";
const [w, b] = [tf.ones([64, 1000]), tf.ones([1000])];
export const inputs = ["x=4x64"];
export default () => (x) => x.matMul(w.reshape([64, 1000])).add(b).mul(2);`;

const NOTE =
  "64,000 elements of 1 tensor that the program had before the pass feed contractions, and count as constants";

describe("weights that are plain tensors", () => {
  const folder = temporaryFolder();
  after(folder.remove);
  const w = tf.ones<tf.Rank.R2>([64, 1000]);
  const b = tf.ones([1000]);
  const two = tf.scalar(2);
  const unused = tf.ones([7]);
  const model = (x: tf.Tensor2D) =>
    tf
      .transpose(x)
      .matMul(w, false, true)
      .matMul(tf.ones([64, 3]))
      .mul(two)
      .add(b.sum());
  const report = async (options: TraceOptions = {}) => {
    const device = await openDevice("virtual");
    const graph = await trace(model, [tf.ones([1000, 9])], { device, ...options });
    const read = fromJson(JSON.parse(JSON.stringify(toJson(graph))));
    return { graph, ...count(read), before: count(graph) };
  };

  it("are constants by default, and a note says how much of them is multiplied by", async () => {
    const { params, weights, warnings, before } = await report();
    expect(params).to.equal(0);
    expect(weights.bytes).to.equal(0);
    // What is made in the pass, as tf.ones is, is no weight.
    expect(warnings.filter((note) => note.startsWith(NOTE))).to.have.length(1);
    expect(warnings.join()).to.include('{ parameters: "constants" }');
    expect(warnings).to.deep.equal(before.warnings);
  });

  it('are parameters by parameters: "constants", if the program had them before', async () => {
    const { graph, params, totals, weights, warnings, macs } = await report({
      parameters: "constants",
    });
    expect(params).to.equal(64_000 + 1000);
    expect(totals.trainableParams).to.equal(0);
    expect(weights.bytes).to.equal(4 * 65_000);
    expect(warnings.join()).to.not.include("feed contractions");
    expect(paramsOf(graph).map(({ name, shape }) => [name, shape])).to.deep.equal([
      ["tensor0", [64, 1000]],
      ["tensor1", [1000]],
    ]);
    expect(macs).to.equal((await report()).macs);
  });

  it("are parameters where they are listed, used or not", async () => {
    const { params, warnings } = await report({ parameters: [b, two, unused] });
    expect(params).to.equal(1000 + 1 + 7);
    expect(warnings.filter((note) => note.startsWith(NOTE))).to.have.length(1);
    const variable = tf.variable(tf.ones([5]), true, "listed");
    const { graph } = await report({ parameters: [variable, variable] });
    expect(paramsOf(graph).map(({ name, trainable }) => [name, trainable])).to.deep.equal([
      ["listed", true],
    ]);
    variable.dispose();
  });

  it("refuses any other option", async () => {
    for (const parameters of ["all", [1], 7, null]) {
      const thrown = await report({ parameters } as unknown as TraceOptions).then(
        () => undefined,
        (error: Error) => error.message,
      );
      expect(thrown).to.include('it must be "variables", "constants" or a list of tensors');
    }
  });

  it("are counted by --constants-as-params, which the note names", () => {
    const file = folder.write("plain.mjs", MODULE);
    const plain = opcounter(["profile", file], folder.path).stdout;
    expect(plain.replaceAll(/\s+/g, " ")).to.include(`${NOTE}; --constants-as-params counts such`);
    const args = ["profile", file, "--constants-as-params"];
    const counted = opcounter(args, folder.path).stdout;
    expect(counted)
      .to.match(/^params +65,000 /m)
      .and.to.not.include("feed contractions");
    const formulas = opcounter([...args, "--symbolic", "batch"], folder.path);
    expect(formulas.stdout).to.not.include("feed contractions");
  });
});
