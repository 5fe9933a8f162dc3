import { readFileSync } from "node:fs";
import { expect } from "chai";
import { ROOT } from "../command-line.ts";
import { emptyProject, MANIFEST, type Project, pageSource } from "./project.ts";
import { copyTarballs } from "./tarballs.ts";

const { packageManager } = JSON.parse(readFileSync(`${ROOT}/package.json`, "utf8"));
const PNPM = ["-y", "--package", packageManager, "pnpm"];
const YARN = ["-y", "--package", "@yarnpkg/cli-dist@4.18.1", "yarn"];

const TFJS = { "@tensorflow/tfjs": "4.22.0", "@tensorflow/tfjs-backend-webgpu": "4.22.0" };

/** Plug'n'Play lets a package import only what it or the project names, which tfjs does not do. */
const TFJS_FOR_PNP = {
  ...TFJS,
  "@tensorflow/tfjs-core": "4.22.0",
  long: "4.0.0",
};

/** A package manager with one of its ways to lay packages out. */
interface Layout {
  /** Its arguments to `npx`. */
  readonly manager: readonly string[];
  /** The files that choose the layout, with what installs the packed packages for each other. */
  readonly files: (tarballs: object) => Readonly<Record<string, object | string>>;
  readonly manifest?: (tarballs: object) => object;
  readonly dependencies?: object;
}

const pnpm = (nodeLinker: string): Layout => ({
  manager: PNPM,
  files: (overrides) => ({
    "pnpm-workspace.yaml": { nodeLinker, overrides, strictDepBuilds: false },
  }),
});

const yarn = (nodeLinker: string): Layout => ({
  manager: YARN,
  files: () => ({
    ".yarnrc.yml": { nodeLinker, enableTelemetry: false, enableImmutableInstalls: false },
    "yarn.lock": "",
  }),
  manifest: (resolutions) => ({ resolutions }),
});

const LAYOUTS: Readonly<Record<string, Layout>> = {
  "pnpm, each package with its own": pnpm("isolated"),
  "pnpm, hoisted": pnpm("hoisted"),
  "Yarn, node_modules": yarn("node-modules"),
  "Yarn, Plug'n'Play": { ...yarn("pnp"), dependencies: TFJS_FOR_PNP },
};

function install({ manager, files, manifest, dependencies = TFJS }: Layout): Project {
  const project = emptyProject();
  const tarballs = copyTarballs(project.path);
  const { opcounter } = tarballs;
  const written = {
    ...files(tarballs),
    "package.json": {
      ...MANIFEST,
      dependencies: { opcounter, ...dependencies },
      ...manifest?.(tarballs),
    },
  };
  for (const [name, content] of Object.entries(written)) {
    // YAML includes JSON.
    project.write(name, typeof content === "string" ? content : JSON.stringify(content));
  }
  project.run("npx", ...manager, "install");
  // It finds the installed programs, and Node with what Plug'n'Play adds to it.
  const exec = [...manager, "exec"];
  return { ...project, run: (program, ...args) => project.run("npx", ...exec, program, ...args) };
}

describe("the packed packages, installed by @linux", function () {
  this.timeout(300_000);

  for (const [name, layout] of Object.entries(LAYOUTS)) {
    const copy = layout.dependencies === TFJS_FOR_PNP ? "own copy" : "installed";
    describe(name, () => {
      let project: Project;
      before(() => {
        project = install(layout);
      });
      after(() => project.remove());

      it("count the two lines with the program's own TensorFlow.js", () => {
        project.write("state.js", pageSource("state.js"));
        project.write("in-node.js", pageSource("in-node.js"));
        const printed = project.run("node", "in-node.js", copy);
        const { before, imported, built, after, ...found } = JSON.parse(
          printed.slice(printed.indexOf("{")),
        );
        expect(found).to.deep.include({
          macs: 6 * 6 * 4 * 27 + 144 * 2,
          params: 27 * 4 + 4 + 2 * 4 + 144 * 2 + 2,
          reading: found.macs,
        });
        expect(found.scopes).to.include("conv").and.include("norm").and.include("fc");
        expect(found.masked).to.include("Where");
        expect(imported).to.deep.equal(before);
        expect(after).to.deep.equal(built);
      });

      it("have a command line, which finds what a module imports", () => {
        project.write(
          "model.ts",
          `import * as tf from "@tensorflow/tfjs";
           import { sizeOf } from "opcounter";
           import { version } from "@tensorflow/tfjs-backend-webgpu/package.json";
           export const inputs = ["x=2x3"];
           export default () => (x: tf.Tensor) => x.mul(sizeOf([2, version.length])).relu();`,
        );
        expect(project.run("opcounter", "profile", "model.ts")).to.match(/^FLOPs +12 /m);
      });

      it("find a model in a package", () => {
        const named = "npm:@tensorflow/tfjs-backend-webgpu/package.json";
        expect(() => project.run("opcounter", "profile", named)).to.throw(
          /tfjs-backend-webgpu.package\.json is not a TensorFlow.js model.json/,
        );
      });
    });
  }
});
