import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { temporaryFolder } from "./command-line.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MOCHA = fileURLToPath(import.meta.resolve("mocha/bin/mocha.js"));

/** What mocha prints of a file with this text, which does not load. */
function toldOf(text: string): string {
  const folder = temporaryFolder();
  try {
    folder.write("package.json", '{ "type": "module" }');
    const file = folder.write("broken.test.ts", text);
    const args = [MOCHA, "--config", join(ROOT, ".mocharc.cjs"), "--parallel", "--jobs", "2", file];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: ROOT,
      encoding: "utf8",
    });
    expect(status).to.be.at.least(1);
    return `${stdout}${stderr}`;
  } finally {
    folder.remove();
  }
}

describe("npm test", () => {
  it("refuses a path that is none, and does not run all tests", () => {
    const args = [join(ROOT, "scripts/test.mjs"), "tests/src/nowhere"];
    const { status, stderr } = spawnSync(process.execPath, args, {
      cwd: ROOT,
      encoding: "utf8",
      timeout: 20_000,
    });
    expect(stderr).to.include("there is no file or folder tests/src/nowhere");
    expect(status).to.equal(1);
  });
});

describe("a test file that does not load", () => {
  it("is told by what it throws", () => {
    const told = toldOf(
      'const words: string[] = ["its", "own", "error"];\nthrow new Error(words.join(" "));\n',
    );
    expect(told).to.include("its own error").and.to.include("broken.test.ts");
  });

  it("is told by the name that what it imports lacks", () => {
    const module = JSON.stringify(new URL("../../packages/ir/src/visible.ts", import.meta.url));
    const told = toldOf(
      `import { nothing } from ${module};\nexport const is: unknown = nothing;\n`,
    );
    expect(told).to.include("export named 'nothing'");
  });
});
