import { readFileSync } from "node:fs";
import { expect } from "chai";
import { buildCommandLine, opcounter, temporaryFolder } from "./command-line.ts";

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
    buildCommandLine();
    folder.write("model.ts", MODEL);
  });
  after(folder.remove);

  const EXPECTED: Readonly<Record<string, RegExp>> = {
    "rules.ts": /^MACs +0 /m,
    "pool-relu.ts": /group pool-relu\(1, 2\)/,
  };

  for (const page of ["README.md", "docs/passes.md"]) {
    for (const [name, command, code] of plugins(page)) {
      it(`${name} of ${page} runs as it says`, () => {
        folder.write(name, code);
        const { status, stdout, stderr } = opcounter(command, folder.path);
        expect(stderr).to.equal("");
        expect(status).to.equal(0);
        expect(stdout).to.match(EXPECTED[name] ?? /an expectation is missing/);
        expect(code.split("\n").length).to.be.at.most(22);
      });
    }
  }

  it("are there", () => {
    expect([...plugins("README.md"), ...plugins("docs/passes.md")]).to.have.length(2);
  });
});
