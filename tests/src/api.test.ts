import { readFileSync } from "node:fs";
import { expect } from "chai";
import * as opcounter from "opcounter";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** The names in `export { a, type B } from …`. */
function exportedNames(): string[] {
  const blocks = [...read("packages/cli/src/index.ts").matchAll(/^export \{([^}]*)\}/gm)];
  return blocks
    .flatMap(([, names = ""]) => names.split(","))
    .map((name) => name.trim().replace(/^type /, ""))
    .filter((name) => name !== "");
}

/** The names in the first column of the page's last table. */
function documentedNames(): string[] {
  const [, table = ""] = read("docs/api.md").split("## Every name");
  const cells = [...table.matchAll(/^\| (.*?) \|/gm)].map(([, cell = ""]) => cell);
  return cells.flatMap((cell) =>
    [...cell.matchAll(/`(?:await )?(\w+)[^`]*`/g)].map(([, name = ""]) => name),
  );
}

describe("the library's exports", () => {
  it("are those that docs/api.md lists", () => {
    expect(exportedNames().toSorted()).to.deep.equal(documentedNames().toSorted());
    expect(exportedNames()).to.include.members(Object.keys(opcounter));
  });

  it("are some fifty, types apart", () => {
    expect(Object.keys(opcounter).length).to.be.within(30, 55);
  });
});
