import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A test as a page cites it: `path/of.test.ts`: "its title". */
const CITED = /`([\w./-]+\.test\.ts)`: "([^"]+(?:"[^|"]*"[^|"]*)*)"/g;

describe("each row of", () => {
  for (const [page, least] of [
    ["docs/reliability.md", 30],
    ["docs/security.md", 20],
  ] as const) {
    it(`${page} names a test that is there`, () => {
      const text = readFileSync(join(ROOT, page), "utf8");
      const cited = [...text.matchAll(CITED)];
      expect(cited.length).to.be.at.least(least);
      for (const [, path = "", title = ""] of cited) {
        const source = readFileSync(join(ROOT, path), "utf8");
        expect(source.includes(title), `${path}: ${title}`).to.equal(true);
      }
      const rows = text.split("\n").filter((line) => /^\|.*\.test\.ts/.test(line));
      expect(rows).to.have.length(cited.length);
    });
  }
});

describe("every npm script that the pages name", () => {
  it("is there", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    for (const page of ["CONTRIBUTING.md", "docs/reliability.md", "docs/benchmarks.md"]) {
      const text = readFileSync(join(ROOT, page), "utf8");
      for (const [, name = ""] of text.matchAll(/`npm run ([\w:-]+)/g)) {
        expect(scripts, page).to.have.property(name);
      }
    }
  });
});
