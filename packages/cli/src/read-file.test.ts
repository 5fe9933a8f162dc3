import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OpcounterError } from "@opcounter/ir";
import { expect } from "chai";
import { readBytes, readStart } from "./read-file.ts";

describe("readBytes", () => {
  const folder = mkdtempSync(join(tmpdir(), "opcounter-"));
  after(() => rmSync(folder, { recursive: true }));

  it("reads files of every size up to the most", () => {
    const path = join(folder, "x");
    for (const size of [0, 1, 2 ** 20, 2 ** 20 + 1, 3 * 2 ** 20]) {
      const bytes = Buffer.alloc(size, "abc");
      writeFileSync(path, bytes);
      expect(Buffer.compare(readBytes(path, 3 * 2 ** 20), bytes)).to.equal(0);
    }
    expect(() => readBytes(path, 3 * 2 ** 20 - 1)).to.throw(OpcounterError, "holds more than");
  });

  it("ends a file without end, and says where there is none", () => {
    const endless = () => readBytes("/dev/zero", 10_000_000);
    expect(endless).to.throw(OpcounterError, "/dev/zero holds more than 10,000,000 bytes");
    expect(() => readBytes(folder)).to.throw(OpcounterError, "cannot be read");
    expect(() => readBytes(join(folder, "none"))).to.throw(OpcounterError, "There is no file");
  });
});

describe("readStart", () => {
  const folder = mkdtempSync(join(tmpdir(), "opcounter-"));
  after(() => rmSync(folder, { recursive: true }));

  it("reads a short file whole, and the start of a long one", () => {
    const path = join(folder, "x");
    writeFileSync(path, "{}");
    expect(readStart(path)).to.equal("{}");
    writeFileSync(path, "abcd".repeat(2 ** 15));
    expect(readStart(path)).to.equal("abcd".repeat(2 ** 14));
  });
});
