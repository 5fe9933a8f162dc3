import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { expect } from "chai";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { TARBALLS } from "./tarballs.ts";

/** How a project's TypeScript may resolve an import; `require` and Node's older way are not served. */
const SERVED = ["bundler", "node16-esm"];

/** All that npm shows of a package, or that its users' tools read. */
const FIELDS = [
  "description",
  "engines",
  "exports",
  "files",
  "keywords",
  "license",
  "sideEffects",
  "type",
];

/** By package: the files of `dist` into which all of its development dependencies are bundled. */
const BUNDLES: Readonly<Record<string, readonly string[]>> = {
  opcounter: ["cli.main.cjs"],
  "@opcounter/report": ["script.js", "page/mount.js"],
};

describe("packages as they would be published", () => {
  it("are seven", () => {
    const names = TARBALLS.map((path) => basename(path).replace(/-\d.*/, ""));
    expect(names).to.have.members([
      "opcounter",
      "opcounter-counters",
      "opcounter-executed",
      "opcounter-ir",
      "opcounter-recorder",
      "opcounter-report",
      "opcounter-tracer",
    ]);
  });

  for (const path of TARBALLS) {
    describe(basename(path), () => {
      const content = readFileSync(path);
      const tarball = new Uint8Array(content);
      const contents = createPackageFromTarballData(tarball);
      const manifest: Record<string, unknown> = JSON.parse(
        contents.readFile(`/node_modules/${contents.packageName}/package.json`),
      );

      it("say what they are", () => {
        expect(manifest).to.include.keys(FIELDS);
        for (const file of ["README.md", "LICENSE"]) {
          const name = `/node_modules/${contents.packageName}/${file}`;
          expect(contents.fileExists(name), file).to.equal(true);
        }
      });

      it("hold the license of each library that is bundled into them", () => {
        const bundled = Object.keys(Object(manifest["devDependencies"])).filter(
          (name) => !/^@(?:types|opcounter)\//.test(name),
        );
        for (const file of BUNDLES[contents.packageName] ?? []) {
          const legal = `/node_modules/${contents.packageName}/dist/${file}.LEGAL.txt`;
          const text = contents.readFile(legal);
          for (const name of bundled) expect(text, file).to.include(`${name} `);
          expect(text).to.include("Permission is hereby granted");
        }
        expect(BUNDLES[contents.packageName] === undefined || bundled.length > 5).to.equal(true);
      });

      it("depend on versions that npm has, and pin none of a user's own", () => {
        expect(JSON.stringify(manifest)).to.not.include("workspace:");
        const peers = Object.entries(Object(manifest["peerDependencies"]));
        for (const [name, range] of peers) expect(range, name).to.match(/^(\^|>=)/);
      });

      it("leave publint nothing to say", async () => {
        const { messages, pkg } = await publint({
          pack: { tarball: tarball.buffer },
          strict: true,
        });
        // publint guesses by patterns whether a file is an ES module; in the command line's bundle it
        // takes a text that is written for one, `export default …`, for code. Runs of the bin tell.
        const said = messages.filter(({ path: [field] }) => field !== "bin");
        expect(said.map((message) => formatMessage(message, pkg))).to.deep.equal([]);
      });

      it("have types that a bundler's and Node's TypeScript resolve", async () => {
        const result = await checkPackage(contents);
        if (!result.types) throw new Error("the package has no types");
        const problems = result.problems.filter(
          (problem) => !("resolutionKind" in problem) || SERVED.includes(problem.resolutionKind),
        );
        expect(problems).to.deep.equal([]);
      });
    });
  }
});
