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
});
