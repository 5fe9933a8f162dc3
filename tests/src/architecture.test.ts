import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PACKAGES = readdirSync(join(ROOT, "packages"));
const read = (page: string) => readFileSync(join(ROOT, page), "utf8");

/** Files and folders of the sources, as paths with slashes; a folder's path ends in one. */
function sources(): string[] {
  const ofPackages = ["src", "testing", "proof"].flatMap((part) =>
    PACKAGES.map((name) => `packages/${name}/${part}`),
  );
  const folders = [...ofPackages, "tests/src", "demo/src", "scripts"];
  const inside = folders
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) => {
      const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
      const paths = entries.map((entry) => {
        const path = join(entry.parentPath, entry.name).slice(ROOT.length);
        return `${path.replaceAll(sep, "/")}${entry.isDirectory() ? "/" : ""}`;
      });
      return [`${folder}/`, ...paths];
    });
  return [...inside, ...readdirSync(ROOT)].map((path) => `/${path}`);
}

describe("ARCHITECTURE.md and CONTRIBUTING.md", () => {
  it("name files and folders that are there", () => {
    const paths = sources();
    for (const page of ["ARCHITECTURE.md", "CONTRIBUTING.md"]) {
      const named = [...read(page).matchAll(/`([\w./-]+(?:\.(?:ts|tsx|mjs|cjs|json)|\/))`/g)]
        .map(([, path = ""]) => path.replace(/^\.\.\//, ""))
        // What a build makes.
        .filter((path) => !path.startsWith("dist/"));
      expect(named).to.have.length.above(5);
      const missing = named.filter(
        (path) =>
          !existsSync(join(ROOT, path)) && !paths.some((known) => known.endsWith(`/${path}`)),
      );
      expect(missing, `what ${page} names and is not there`).to.deep.equal([]);
    }
  });

  it("say what each folder of a package's sources is", () => {
    const page = read("ARCHITECTURE.md");
    const folders = PACKAGES.flatMap((name) =>
      readdirSync(join(ROOT, "packages", name, "src"), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => `${name}/src/${entry.name}`),
    );
    const missing = folders.filter((folder) => {
      const name = folder.slice(folder.lastIndexOf("/") + 1);
      return !page.includes(`\`${name}/`) && !page.includes(folder);
    });
    expect(missing, "folders that ARCHITECTURE.md does not name").to.deep.equal([]);
  });

  it("list what each package depends on", () => {
    const page = read("ARCHITECTURE.md");
    for (const name of PACKAGES.filter((name) => name !== "cli")) {
      const manifest = JSON.parse(read(`packages/${name}/package.json`));
      const [, listed = ""] =
        new RegExp(`^\\| \`packages/${name}\` .*\\| +([^|]*) \\|$`, "m").exec(page) ?? [];
      const dependencies = Object.keys(manifest.dependencies).map((each) =>
        each.replace("@opcounter/", ""),
      );
      const missing = dependencies.filter((each) => !listed.includes(each));
      const told = `what ${name} depends on, of which ARCHITECTURE.md says "${listed.trim()}"`;
      expect(missing, told).to.deep.equal([]);
    }
  });
});
