import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { keepCalibration } from "./device-spec.ts";

const CALIBRATION = {
  name: "a GPU / of mine",
  ...{ flops: 1e12, bandwidth: 1e11, transcendentals: 1e11, integers: 1e12, workgroupFlops: 1e10 },
  ...{ launchNs: 3000, idle: { launchNs: 9000, slowdown: 2 } },
  ...{ rates: [], byWorkgroups: [], uploads: [], readbacks: [] },
};

describe("a calibration that is kept", () => {
  let cache: string;
  const before = process.env["XDG_CACHE_HOME"];
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), "opcounter-test-"));
    process.env["XDG_CACHE_HOME"] = cache;
  });
  afterEach(() => {
    if (before === undefined) delete process.env["XDG_CACHE_HOME"];
    else process.env["XDG_CACHE_HOME"] = before;
    rmSync(cache, { recursive: true });
  });

  it("takes the place of the one before, and nothing is left beside it", () => {
    const file = keepCalibration(CALIBRATION);
    expect(keepCalibration({ ...CALIBRATION, flops: 2e12 })).to.equal(file);
    expect(JSON.parse(readFileSync(file, "utf8"))).to.have.property("flops", 2e12);
    expect(readdirSync(dirname(file))).to.deep.equal(["a-GPU-of-mine.json"]);
  });

  it("says in one sentence where it cannot be", () => {
    mkdirSync(join(cache, "opcounter"));
    writeFileSync(join(cache, "opcounter", "calibration"), "no folder");
    expect(() => keepCalibration(CALIBRATION))
      .to.throw(/^The calibration cannot be kept in .*\.json: E.*; name another cache folder in /)
      .with.property("code", "output-unwritable");
  });
});
