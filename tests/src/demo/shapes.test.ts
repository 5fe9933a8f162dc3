import { OpcounterError } from "@opcounter/ir";
import { expect } from "chai";
import { linkOf, type Run, runOfLink } from "../../../demo/src/run.ts";
import { parseShapes, shapesFor } from "../../../demo/src/worker/shapes.ts";

/** The message of the error that something throws. */
function complaint(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof OpcounterError) return error.message;
    throw error;
  }
  throw new Error("it did not throw");
}

const image = { name: "image", dtype: "float32", shape: [null, 224, 224, 3] } as const;
const open = { name: "open", dtype: "float32", shape: [null, null, null, 3] } as const;
const ids = { name: "ids", dtype: "int32", shape: [null, 128] } as const;

describe("the demo's input shapes", () => {
  it("are read as they are typed", () => {
    expect(parseShapes("")).to.deep.equal([]);
    expect(parseShapes(" 1x224x224x3 ")).to.deep.equal([
      { name: undefined, shape: [1, 224, 224, 3] },
    ]);
    expect(parseShapes("ids=1x128,  rate=scalar")).to.deep.equal([
      { name: "ids", shape: [1, 128] },
      { name: "rate", shape: [] },
    ]);
  });

  it("are those given, else the usual ones, else the declared ones with a batch of 1", () => {
    expect(shapesFor([image], [], [])).to.deep.equal([[1, 224, 224, 3]]);
    const usual = [{ name: "open", shape: [1, 64, 64, 3] }];
    expect(shapesFor([open, ids], [], usual)).to.deep.equal([
      [1, 64, 64, 3],
      [1, 128],
    ]);
    expect(shapesFor([open], parseShapes("2x32x32x3"), usual)).to.deep.equal([[2, 32, 32, 3]]);
  });

  it("are complained of in one sentence", () => {
    expect(complaint(() => parseShapes("big"))).to.equal(
      "The shape big cannot be read; write it as 1x224x224x3, or as image=1x224x224x3.",
    );
    expect(complaint(() => parseShapes("a=1 a=2"))).to.equal(
      'Input "a" has two shapes; give each input one.',
    );
    expect(complaint(() => shapesFor([image], parseShapes("x=1"), []))).to.equal(
      'The model has no input "x"; its inputs are image: f32[?,224,224,3].',
    );
    expect(complaint(() => shapesFor([image, ids], parseShapes("1x8"), []))).to.equal(
      "The model has 2 inputs, so a shape needs a name; its inputs are image: f32[?,224,224,3], ids: i32[?,128].",
    );
    expect(complaint(() => shapesFor([open], [], []))).to.equal(
      "The model leaves the size of its input open (open: f32[?,?,?,3]); give it under Input shapes, such as open=1x224x224x3.",
    );
  });
});

describe("the demo's links", () => {
  it("name what is run, and are read back", () => {
    const runs: Readonly<Record<string, Run>> = {
      "?model=mobilenet_v2": {
        source: { kind: "zoo", name: "mobilenet_v2" },
        device: "virtual",
        shapes: "",
      },
      "?model=npm:@spotify/basic-pitch/model/model.json&device=gpu&inputs=1x43844x1": {
        source: { kind: "address", address: "npm:@spotify/basic-pitch/model/model.json" },
        device: "gpu",
        shapes: "1x43844x1",
      },
      "?model=https://example.com/model.json%3Ftoken%3D1%262": {
        source: { kind: "address", address: "https://example.com/model.json?token=1&2" },
        device: "virtual",
        shapes: "",
      },
    };
    for (const [link, run] of Object.entries(runs)) {
      expect(linkOf(run)).to.equal(link);
      expect(runOfLink(link)).to.deep.equal(run);
    }
    expect(runOfLink("")).to.equal(undefined);
    expect(
      linkOf({ source: { kind: "files", files: [] }, device: "virtual", shapes: "" }),
    ).to.equal(undefined);
  });
});
