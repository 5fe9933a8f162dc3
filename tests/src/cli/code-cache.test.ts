import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { expect } from "chai";
import { opcounterProcess } from "../command-line.ts";

describe("the compiled code that the command line keeps", () => {
  let cache: string;
  const folder = () => join(cache, "opcounter", "code");
  const file = () => join(folder(), readdirSync(folder())[0] ?? "");
  const run = (...args: string[]) => opcounterProcess(args, undefined, { XDG_CACHE_HOME: cache });

  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), "opcounter-code-"));
  });
  afterEach(() => rmSync(cache, { recursive: true, force: true }));

  it("is written by the first run of a command, and used by the next", () => {
    const first = run("ops");
    expect(first.status).to.equal(0);
    expect(readdirSync(folder())).to.have.length(1);
    const code = readFileSync(file());
    expect(run("ops")).to.deep.equal(first);
    expect(readFileSync(file()).equals(code)).to.equal(true);
    run("zoo");
    expect(readdirSync(folder())).to.have.length(2);
  });

  it("is not written by a command that there is not, or one that fails", () => {
    expect(run("../../ops").status).to.equal(2);
    expect(run("opps").status).to.equal(2);
    expect(run("ops", "Conv2E").status).to.equal(2);
    expect(readdirSync(cache)).to.deep.equal([]);
  });

  it("does no harm where it is torn, of another program, or a lie about the length", () => {
    const first = run("ops");
    const code = readFileSync(file());
    const digested = (bytes: Buffer) => {
      const digest = Buffer.alloc(4);
      digest.writeUInt32LE(crc32(bytes));
      return Buffer.concat([digest, bytes]);
    };
    const flipped = Buffer.from(code);
    flipped.writeUInt8(flipped.readUInt8(code.length >> 1) ^ 255, code.length >> 1);
    for (const bytes of [
      ...[Buffer.alloc(0), code.subarray(0, 1000), code.subarray(0, -1), flipped],
      ...[digested(Buffer.alloc(5000)), digested(code.subarray(4, 44))],
    ]) {
      writeFileSync(file(), bytes);
      expect(run("ops")).to.deep.equal(first);
      expect(readFileSync(file()).length).to.be.greaterThan(code.length / 2);
      expect(readFileSync(file()).equals(bytes)).to.equal(false);
    }
  });

  it("is left where its folder cannot be written", () => {
    const first = run("ops");
    rmSync(join(cache, "opcounter"), { recursive: true });
    writeFileSync(join(cache, "opcounter"), "no folder");
    expect(run("ops")).to.deep.equal(first);
    expect(readFileSync(join(cache, "opcounter"), "utf8")).to.equal("no folder");
  });
});
