// Names and folders as users have them.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { complaint, json, opcounter, temporaryFolder } from "../command-line.ts";

const MODULE = 'export const inputs = ["x=2x3"]; export default () => (x) => x.relu();';

describe("the command line, where", () => {
  const folder = temporaryFolder();
  after(folder.remove);

  it("names have spaces, quotes, marks and letters of any script, reads and writes them", () => {
    const within = "mödel 模型 🙂 #1?%";
    mkdirSync(join(folder.path, within));
    const name = (file: string) => `${within}/${file}`;
    const module = name('it\'s "m".ts');
    folder.write(module, MODULE);
    expect(json(["profile", module], folder.path).totals.flops).to.equal(6);
    const graph = name("gräph #?%.ir");
    opcounter(["trace", module, "-o", graph], folder.path);
    expect(json(["profile", graph], folder.path).totals.flops).to.equal(6);
    const lines = opcounter(["profile", module, "--by", "line"], folder.path).stdout;
    expect(lines).to.include('it\'s "m".ts:1');
  });

  it("a folder has the name of a file, says so in one sentence", () => {
    for (const name of ["x.json", "x.ir", "x.ts", "x.npy"]) mkdirSync(join(folder.path, name));
    const zoo = ["profile", "squeezenet1_1"];
    const cases: readonly (readonly [readonly string[], string])[] = [
      [["profile", "x.json"], "The folder x.json holds no model.json."],
      [["profile", "x.ir"], "The folder x.ir holds no model.json."],
      [["profile", "x.ts"], "The folder x.ts holds no model.json."],
      [[...zoo, "-i", "@x.npy"], "x.npy cannot be read: it is a folder."],
      [[...zoo, "--device-spec", "x.json"], "x.json cannot be read: it is a folder."],
      [["check", "--budget", "x.json"], "x.json cannot be read: it is a folder."],
      [
        ["check", "squeezenet1_1", "--baseline", "x.json"],
        "x.json cannot be read: it is a folder.",
      ],
      [[...zoo, "-o", "x.json"], "x.json cannot be written: EISDIR: "],
    ];
    for (const [args, said] of cases) {
      const [line] = complaint(args, folder.path).trimEnd().split("\n").slice(-1);
      expect(line)
        .to.match(/^opcounter: .*\.$/)
        .and.include(said);
    }
  });

  it("paths are too long for the system, says so in one sentence", () => {
    const long = `${"d/".repeat(3_000)}model.json`;
    expect(complaint(["profile", long], folder.path)).to.match(
      /^opcounter: There is no file .*\.$/m,
    );
    const written = complaint(["profile", "squeezenet1_1", "-o", long], folder.path);
    expect(written).to.match(/^opcounter: .* cannot be written: ENAMETOOLONG: .*\.$/m);
  });

  it("the user has no home, counts, and leaves nothing in the working folder", () => {
    const empty = join(folder.path, "empty");
    mkdirSync(empty);
    folder.write("empty/model.ts", MODULE);
    const surroundings = {
      HOME: "",
      USERPROFILE: "",
      LOCALAPPDATA: "",
      XDG_CACHE_HOME: "relative",
    };
    const { status, stderr } = opcounter(["profile", "model.ts"], empty, surroundings);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: "" });
    expect(readdirSync(empty)).to.deep.equal(["model.ts"]);
    expect(existsSync("/nonexistent")).to.equal(false);
  });

  it("a device is always full, says so", function () {
    if (!existsSync("/dev/full")) this.skip();
    const said = complaint(["profile", "squeezenet1_1", "-o", "/dev/full"]);
    expect(said).to.match(/^opcounter: \/dev\/full cannot be written: ENOSPC: .*\.$/m);
  });
});
