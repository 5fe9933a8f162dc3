import { expect } from "chai";
import fc from "fast-check";
import { invocationsOf, shaderHash } from "./dispatch.ts";

/** FNV-1a as it is defined, in big integers. */
function fnv1a(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) {
    hash ^= BigInt(text.charCodeAt(i));
    hash = (hash * 0x100000001b3n) & 0xffff_ffff_ffff_ffffn;
  }
  return hash.toString(16).padStart(16, "0");
}

describe("dispatch", () => {
  it("hashes shaders by FNV-1a", () => {
    expect(shaderHash("")).to.equal("cbf29ce484222325");
    expect(shaderHash("a")).to.equal("af63dc4c8601ec8c");
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(shaderHash(text)).to.equal(fnv1a(text));
      }),
    );
  });

  it("launches workgroups times their size", () => {
    const dispatch = { program: "P", workgroups: [3, 5, 2] } as const;
    expect(invocationsOf(dispatch)).to.equal(undefined);
    expect(invocationsOf({ ...dispatch, workgroupSize: [8, 8, 1] })).to.equal(30 * 64);
  });
});
