import { type SpawnSyncOptions, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { BUNDLE, opcounter, temporaryFolder } from "../command-line.ts";
import { writeSmallModel } from "./small-model.ts";

/** An ordinary user: what a folder's permissions forbid, root may do. */
const ORDINARY: SpawnSyncOptions = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

describe("what the command line writes", () => {
  let folder: ReturnType<typeof temporaryFolder>;
  const inFolder = (name: string) => join(folder.path, name);
  const text = (name: string) => readFileSync(inFolder(name), "utf8");

  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => {
    chmodSync(folder.path, 0o755);
    folder.remove();
  });

  describe("into a file", () => {
    it("keeps the file's mode, and a link a link; nothing else is left in the folder", () => {
      folder.write("real.txt", "before");
      chmodSync(inFolder("real.txt"), 0o640);
      symlinkSync("real.txt", inFolder("link.txt"));
      const { status } = opcounter(["ops", "-o", inFolder("link.txt")]);
      expect(status).to.equal(0);
      expect(text("real.txt")).to.equal(opcounter(["ops"]).stdout);
      expect(statSync(inFolder("real.txt")).mode & 0o777).to.equal(0o640);
      expect(lstatSync(inFolder("link.txt")).isSymbolicLink()).to.equal(true);
      expect(readdirSync(folder.path)).to.have.members(["real.txt", "link.txt"]);
    });

    it("goes through a link whose file is not there yet", () => {
      symlinkSync("new.txt", inFolder("link.txt"));
      expect(opcounter(["ops", "-o", inFolder("link.txt")]).status).to.equal(0);
      expect(text("new.txt")).to.include("Conv2D");
    });

    it("has a name as long as names can be", () => {
      const name = `${"n".repeat(251)}.txt`;
      expect(opcounter(["ops", "-o", inFolder(name)]).status).to.equal(0);
      expect(readdirSync(folder.path)).to.deep.equal([name]);
    });

    it("reaches a pipe and a device @linux", () => {
      const { stdout } = spawnSync(
        "sh",
        [
          "-c",
          '"$0" "$@" | cat',
          process.execPath,
          BUNDLE,
          ..."ops -f json -o /dev/stdout".split(" "),
        ],
        { encoding: "utf8", maxBuffer: 1 << 28 },
      );
      expect(JSON.parse(stdout)).to.be.an("array");
      expect(opcounter(["ops", "-o", "/dev/null"])).to.include({ status: 0, stdout: "" });
      expect(statSync("/dev/null").isCharacterDevice()).to.equal(true);
    });

    it("leaves what was there, with one sentence, where the disk takes no more @linux", () => {
      folder.write("kept.json", "before");
      // A limit on the size of files: it is met after the first bytes, as a full disk is.
      const { status, stderr } = spawnSync(
        "sh",
        ["-c", 'ulimit -f 2 && exec "$0" "$@"', process.execPath, BUNDLE].concat(
          ...["ops", "-f", "json", "-o", inFolder("kept.json")],
        ),
        { encoding: "utf8", env: { ...process.env, XDG_CACHE_HOME: inFolder("cache") } },
      );
      expect(stderr).to.equal(
        `opcounter: ${inFolder("kept.json")} cannot be written: EFBIG: file too large, write.\n`,
      );
      expect(status).to.equal(2);
      expect(text("kept.json")).to.equal("before");
      expect(readdirSync(folder.path)).to.deep.equal(["kept.json"]);
    });

    it("leaves what was there, with one sentence, in a folder or file that is read-only @linux", () => {
      folder.write("kept.txt", "before");
      const run = (name: string) => {
        const { status, stderr } = spawnSync(
          process.execPath,
          [BUNDLE, "ops", "-o", inFolder(name)],
          { ...ORDINARY, encoding: "utf8" },
        );
        expect(status).to.equal(2);
        expect(stderr).to.equal(
          `opcounter: ${inFolder(name)} cannot be written: EACCES: permission denied, ${
            name === "kept.txt" && folderIsOpen ? "access" : "open"
          } '${inFolder(name)}'.\n`,
        );
        expect(text("kept.txt")).to.equal("before");
        expect(readdirSync(folder.path)).to.deep.equal(["kept.txt"]);
      };
      let folderIsOpen = false;
      chmodSync(inFolder("kept.txt"), 0o666);
      chmodSync(folder.path, 0o555);
      run("kept.txt");
      run("new.txt");
      folderIsOpen = true;
      chmodSync(inFolder("kept.txt"), 0o444);
      chmodSync(folder.path, 0o777);
      run("kept.txt");
    });
  });

  describe("over its own input", () => {
    it("is refused, however the file is named, and done with --force", async () => {
      await writeSmallModel(folder);
      opcounter(["trace", folder.path, "-o", inFolder("graph.ir")]);
      symlinkSync("graph.ir", inFolder("link.ir"));
      folder.write("plugin.ts", "export default {};");
      folder.write("budget.json", '{ "models": [] }');
      folder.write("x.npy", "");
      const graph = inFolder("graph.ir");
      const refused: [string[], output: string, input: string][] = [
        [["opt", graph, "-p", "canonicalize"], graph, graph],
        [["opt", graph, "-p", "canonicalize"], inFolder("link.ir"), graph],
        [["profile", folder.path], inFolder("model.json"), inFolder("model.json")],
        [["profile", graph, "--plugin", "plugin.ts"], inFolder("plugin.ts"), "plugin.ts"],
        [["profile", folder.path, "-i", "@x.npy"], inFolder("x.npy"), "x.npy"],
        [["check", "--budget", "budget.json"], inFolder("budget.json"), "budget.json"],
        [["compare", "densenet121", graph], graph, graph],
      ];
      for (const [args, output, input] of refused) {
        const before = readFileSync(output);
        const { status, stderr } = opcounter([...args, "-o", output], folder.path);
        expect(stderr).to.equal(
          `opcounter: --output ${output} would overwrite the input ${input}; name another file, or add --force to overwrite it.\n`,
        );
        expect(status).to.equal(2);
        expect(readFileSync(output).equals(before)).to.equal(true);
      }
      const forced = ["opt", graph, "-p", "fuse", "-o", graph, "--force"];
      expect(opcounter(forced)).to.include({ status: 0, stderr: "" });
      expect(opcounter(["profile", graph]).status).to.equal(0);
    });
  });

  it("is whole whenever another process reads it, and whoever writes last", async () => {
    const cache = inFolder("cache");
    const file = inFolder("ops.json");
    const run = async () => {
      const child = spawn(process.execPath, [BUNDLE, "ops", "-f", "json", "-o", file], {
        env: { ...process.env, XDG_CACHE_HOME: cache },
        stdio: ["ignore", "ignore", "inherit"],
      });
      const [status] = await once(child, "close");
      expect(status).to.equal(0);
    };
    const seen = new Set<string>();
    const look = setInterval(() => {
      if (existsSync(file)) seen.add(readFileSync(file, "utf8"));
    }, 1);
    await Promise.all([run(), run(), run(), run()]);
    clearInterval(look);
    expect(seen.size).to.equal(1);
    // The compiled code, which all of them wrote, is used by the next.
    const code = join(cache, "opcounter", "code");
    const [kept = "", ...others] = readdirSync(code);
    expect(others).to.deep.equal([]);
    const bytes = readFileSync(join(code, kept));
    await run();
    expect(readFileSync(join(code, kept)).equals(bytes)).to.equal(true);
    expect(readdirSync(code)).to.deep.equal([kept]);
  });
});
