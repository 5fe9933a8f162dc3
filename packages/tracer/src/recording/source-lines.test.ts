import { expect } from "chai";
import { programLine } from "./source-lines.ts";

describe("lines of the program", () => {
  it("are found in the stacks of every engine", () => {
    const place = { file: "https://a.example/app/model.js", line: 12, column: 7 };
    for (const frame of [
      "    at build (https://a.example/app/model.js:12:7)",
      "    at https://a.example/app/model.js:12:7",
      "    at async build (https://a.example/app/model.js:12:7)",
      "build@https://a.example/app/model.js:12:7",
      "@https://a.example/app/model.js:12:7",
      "global code@https://a.example/app/model.js:12:7",
    ]) {
      const tfjs = "runKernel@https://cdn.example/@tensorflow/tfjs@4.22.0/dist/tf.min.js:17:9";
      expect(programLine(`${tfjs}\n${frame}\nmain@https://a.example/main.js:1:1`)).to.deep.equal(
        place,
      );
    }
    expect(programLine("    at file:///C:/a/b (c)/model.ts?bundled:3:4")?.line).to.equal(3);
    expect(programLine("    at f (/home/a (b)/model.ts:3:4)")?.file).to.equal(
      "/home/a (b)/model.ts",
    );
    expect(programLine("Error: nothing")).to.equal(undefined);
  });
});
