import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { temporaryFolder } from "./command-line.ts";

/** The worked example of docs/adding-a-kernel.md, done in a copy of the sources. */

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PAGE = readFileSync(join(ROOT, "docs/adding-a-kernel.md"), "utf8");

interface Edit {
  readonly file: string;
  /** The list whose first element the code becomes; undefined where it goes to the end. */
  readonly list: string | undefined;
  readonly code: string;
}

/** Code blocks that begin with where they go. */
const EDITS = [
  ...PAGE.matchAll(/```ts\n\/\/ (\S+), (?:at the end|first in (\w+))\n([\s\S]*?)```/g),
].map(([, file = "", list, code = ""]): Edit => ({ file, list, code }));

function apply(folder: string, { file, list, code }: Edit): void {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  if (list === undefined) {
    writeFileSync(path, `${text}\n${code}`);
    return;
  }
  const start = `export const ${list} = [\n`;
  expect(text).to.include(start);
  writeFileSync(
    path,
    text.replace(start, () => `${start}${code}`),
  );
}

/** What the compiler says of the sources of ir and counters with these edits. */
function compile(edits: readonly Edit[]): string {
  const folder = temporaryFolder();
  try {
    for (const name of ["ir", "counters"]) {
      for (const part of ["package.json", "src"]) {
        const path = join("packages", name, part);
        cpSync(join(ROOT, path), join(folder.path, path), { recursive: true });
      }
    }
    for (const library of ["ir/node_modules/zod", "counters/node_modules/diff"]) {
      const name = library.split("/node_modules/")[1] ?? library;
      link(join(ROOT, "packages", library), join(folder.path, "node_modules", name));
    }
    link(join(folder.path, "packages/ir"), join(folder.path, "node_modules/@opcounter/ir"));
    folder.write(
      "tsconfig.json",
      JSON.stringify({
        extends: join(ROOT, "tsconfig.base.json"),
        files: ["packages/ir/src/index.ts", "packages/counters/src/index.ts"],
      }),
    );
    for (const edit of edits) apply(folder.path, edit);
    // One thread takes half the time of the cores, which other tests have to share.
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    const { stdout, stderr } = spawnSync(process.execPath, [tsc, "-p", ".", "--singleThreaded"], {
      cwd: folder.path,
      encoding: "utf8",
    });
    return `${stdout}${stderr}`;
  } finally {
    folder.remove();
  }
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(realpathSync(target), path, "junction");
}

describe("the example of adding a kernel", () => {
  const [declaration, formula] = EDITS;
  if (declaration === undefined || formula === undefined || EDITS.length !== 2) {
    throw new Error("docs/adding-a-kernel.md shows two edits, each with where it goes");
  }

  it("compiles", () => {
    expect(compile([declaration, formula])).to.equal("");
  });

  it("does not compile without the formula, and the error names the kernel and the place", () => {
    const error = compile([declaration]);
    expect(error).to.match(/^packages\/counters\/src\/formulas\/registry\.ts.*"Celu"/m);
    expect(PAGE).to.include("packages/counters/src/formulas/registry.ts");
  });

  it("does not compile without the declaration, and the error names the kernel and the place", () => {
    const error = compile([formula]);
    expect(error).to.match(/^packages\/counters\/src\/formulas\/elementwise\.ts.*"Celu"/m);
  });

  // One declaration without each of them: one run of the compiler checks them all.
  it("does not compile without any of its facts, and the error names the fact", () => {
    const facts = ["operands", "work", "host", "attrs", "infer"];
    const declarations = facts.map((fact) => {
      const code = declaration.code.replace(new RegExp(`^  ${fact}: .*\\n`, "m"), "");
      expect(code).to.not.equal(declaration.code);
      return { ...declaration, code: code.replace("const celu", `const without_${fact}`) };
    });
    const errors = compile([...declarations, formula]).match(
      /^packages\/ir\/src\/kernels\/elementwise\.ts.*(\n .*)*/gm,
    );
    for (const fact of facts) {
      const found = errors?.filter((error) => error.includes(`'${fact}' is missing`));
      expect(found, `errors that name ${fact}`).to.have.length(1);
    }
  });
});
