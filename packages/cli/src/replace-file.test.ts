import { expect } from "chai";
import { renameOver } from "./replace-file.ts";

/** A rename that fails a number of times. */
function failing(code: string, times: number) {
  let tried = 0;
  const rename = () => {
    if (++tried <= times) throw Object.assign(new Error(code), { code });
  };
  return { rename, tried: () => tried };
}

describe("renameOver", () => {
  it("tries again on Windows while another process has the file open", () => {
    for (const code of ["EPERM", "EACCES", "EBUSY"]) {
      const { rename, tried } = failing(code, 2);
      renameOver("a", "b", { platform: "win32", rename });
      expect(tried()).to.equal(3);
    }
  });

  it("gives up in a second, and at once elsewhere or where it is for another reason", () => {
    const before = performance.now();
    const open = failing("EBUSY", Number.POSITIVE_INFINITY);
    expect(() => renameOver("a", "b", { platform: "win32", rename: open.rename })).to.throw(
      "EBUSY",
    );
    expect(performance.now() - before).to.be.within(500, 5_000);
    for (const [platform, code] of [
      ["linux", "EBUSY"],
      ["win32", "ENOSPC"],
    ] as const) {
      const { rename, tried } = failing(code, 1);
      expect(() => renameOver("a", "b", { platform, rename })).to.throw(code);
      expect(tried()).to.equal(1);
    }
  });
});
