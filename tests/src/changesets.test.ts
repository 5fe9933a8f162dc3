import { readdirSync, readFileSync } from "node:fs";
import { expect } from "chai";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");

/** What `npm run version` reads; where one cannot be read, it releases nothing. */
describe("changesets", () => {
  const packages = readdirSync(new URL("packages/", ROOT)).map(
    (name): string => JSON.parse(read(`packages/${name}/package.json`)).name,
  );
  const files = readdirSync(new URL(".changeset/", ROOT)).filter(
    (name) => name.endsWith(".md") && name !== "README.md",
  );

  it("begin with the packages that they change, and how, and tell users of it", () => {
    const wrong = files.filter((file) => {
      const [, head = "", text = ""] =
        /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(read(`.changeset/${file}`)) ?? [];
      const lines = head.trim().split("\n");
      const areChanges = lines.every((line) => {
        const [, name = ""] = /^"(\S+)": (?:major|minor|patch)$/.exec(line) ?? [];
        return packages.includes(name);
      });
      return !areChanges || text.trim() === "";
    });
    expect(
      wrong,
      'changesets that do not begin with ---, lines such as "opcounter": minor, and ---',
    ).to.deep.equal([]);
  });

  it("give all packages one version", () => {
    expect(JSON.parse(read(".changeset/config.json")).fixed).to.have.length(1);
    expect(JSON.parse(read(".changeset/config.json")).fixed[0]).to.have.members(packages);
  });

  it("are left alone by the formatter, which takes their --- for headings", () => {
    expect(JSON.parse(read("biome.json")).files.includes).to.include("!.changeset");
  });
});
