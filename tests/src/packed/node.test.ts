import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { makeProject, type Project, pageSource, tfjs } from "./project.ts";

/** Versions of TensorFlow.js, with that of the WebGPU backend. */
const VERSIONS = [
  ["3.21.0", "4.22.0"],
  ["4.0.0", "4.22.0"],
  ["4.10.0", "4.10.0"],
  ["4.17.0", "4.17.0"],
  ["4.20.0", "4.20.0"],
  ["4.22.0", "4.22.0"],
] as const;

/** Flags of Node by which the program's TensorFlow.js is loaded first, or the backend is. */
const LOADING = [
  [],
  ["--import", "@tensorflow/tfjs-backend-webgpu"],
  ["--preserve-symlinks", "--preserve-symlinks-main"],
];

/** Megabytes of the files below a folder. */
function megabytes(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const sizes = names.map((name) => statSync(join(folder, name))).filter((file) => file.isFile());
  return sizes.reduce((sum, { size }) => sum + size, 0) / 2 ** 20;
}

describe("the packed library in Node @linux", function () {
  this.timeout(300_000);

  // The oldest that is accepted, others between, and the latest; each with the WebGPU backend of
  // its version, or, where it has none, with a newer one, which brings a newer tfjs-core.
  const counts: string[] = [];
  for (const [version, backend] of VERSIONS) {
    it(`counts the two lines with TensorFlow.js ${version}, and changes nothing`, () => {
      const project = makeProject(tfjs(version, backend));
      try {
        project.write("state.js", pageSource("state.js"));
        project.write("in-node.js", pageSource("in-node.js"));
        const program = ["in-node.js", version === backend ? "installed" : "own copy"];
        for (const flags of LOADING) {
          const { before, imported, built, after, ...found } = JSON.parse(
            project.run("node", ...flags, ...program),
          );
          expect(found).to.deep.include({
            macs: 6 * 6 * 4 * 27 + 144 * 2,
            params: 27 * 4 + 4 + 2 * 4 + 144 * 2 + 2,
            reading: found.macs,
          });
          expect(found.scopes).to.include("conv").and.include("norm").and.include("fc");
          expect(imported).to.deep.equal(before);
          expect(after).to.deep.equal(built);
          counts.push(JSON.stringify(found));
        }
        if (version === backend) return;
        expect(() => project.run("node", "in-node.js")).to.throw(
          /which opcounter cannot import, so its calls would not be seen; pass the copy that the program uses, as in trace\(program, inputs, { tf }\)/,
        );
      } finally {
        project.remove();
      }
    });
  }

  it("counts the same with each of them", () => {
    expect(counts).to.have.length(VERSIONS.length * LOADING.length);
    expect(new Set(counts).size).to.equal(1);
  });

  describe("without TensorFlow.js", () => {
    let project: Project;
    before(() => {
      project = makeProject([]);
    });
    after(() => project.remove());

    it("takes 60 MB at most, and none of the command line's libraries", () => {
      const folder = join(project.path, "node_modules");
      expect(megabytes(folder)).to.be.within(10, 60);
      const packages = readdirSync(folder).filter((name) => !name.startsWith("."));
      expect(packages).to.have.members([
        ...["@esbuild", "@opcounter", "esbuild", "opcounter", "zod"],
        // What `compare` and `render` need.
        ...["diff", "csv-stringify", "markdown-table"],
        ...["fast-string-width", "fast-string-truncated-width"],
        // What `executed` parses shaders with.
        "wgsl_reflect",
      ]);
    });

    it("has a command line that needs nothing else", () => {
      expect(project.run("opcounter", "profile", "squeezenet1_1")).to.match(/^MACs +349,151,936/m);
      project.write(
        "model.ts",
        `import type { Tensor } from "@tensorflow/tfjs";
         import { sizeOf } from "opcounter";
         export const inputs = ["x=2x3"];
         export default () => (x: Tensor) => x.mul(sizeOf([2, 2])).relu();`,
      );
      expect(project.run("opcounter", "profile", "model.ts")).to.match(/^FLOPs +12 /m);
    });

    it("names what is missing, with the command that brings it", () => {
      const complaint = (...args: string[]) => {
        try {
          project.run("opcounter", ...args);
        } catch (error) {
          return String(Reflect.get(Object(error), "stderr"));
        }
        return "nothing";
      };
      const software = complaint("profile", "squeezenet1_1", "--device", "software");
      expect(software).to.match(/run npm install (webgpu|@sparticuz\/chromium), or /);
      expect(software).to.not.include("internal error");
      expect(complaint("profile", "squeezenet1_1", "--device", "gpu")).to.include(
        "run npm install webgpu, or use --device virtual, which needs no package",
      );
      // A convolution whose values the program reads: slow without the wasm backend.
      project.write(
        "slow.ts",
        `import * as tf from "@tensorflow/tfjs";
         export default () => async () =>
           (await tf.conv2d(tf.ones([1, 224, 224, 32]), tf.ones([3, 3, 32, 64]), 1, "same").sum().data())[0] > 0
             ? tf.zeros([1]).relu()
             : tf.zeros([1]).neg();`,
      );
      expect(project.run("opcounter", "profile", "slow.ts")).to.include(
        "npm install @tensorflow/tfjs-backend-wasm brings what computes",
      );
      project.write("no-tfjs.js", 'import { trace } from "opcounter";\nawait trace(() => 1, []);');
      let message = "";
      try {
        project.run("node", "no-tfjs.js");
      } catch (error) {
        message = String(Reflect.get(Object(error), "stderr"));
      }
      expect(message).to.include("TensorFlow.js is not loaded; import @tensorflow/tfjs");
      rmSync(join(project.path, "no-tfjs.js"));
    });
  });
});
