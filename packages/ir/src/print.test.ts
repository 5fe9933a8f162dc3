import { expect } from "chai";
import { GraphBuilder, print, printOp } from "./index.ts";

const f32 = (...shape: number[]) => ({ dtype: "float32", shape }) as const;

function tiny() {
  const builder = new GraphBuilder("tiny");
  const x = builder.input("image", f32(1, 32, 32, 3));
  const filter = builder.param("conv1/kernel", f32(3, 3, 3, 8));
  const mean = builder.param("bn/mean", f32(8), { trainable: false, role: "statistic" });
  const bias = builder.param("conv 1", f32(8), { trainable: false });
  const call = builder.beginCall({
    kind: "layer",
    className: "Conv2D",
    scope: ["net", "conv 1"],
    inputs: [x],
    params: [filter, bias],
  });
  const [conv = -1] = builder.op({
    kernel: "FusedConv2D",
    operands: { x, filter, bias },
    attrs: { strides: [1, 1], pad: "same", "odd name": { limit: -Infinity, zero: -0 } },
    results: [f32(1, 32, 32, 8)],
    scope: ["net", "conv 1"],
    call,
    dispatches: [{ program: "Conv2DMMProgram", workgroups: [8, 4, 1] }],
  });
  builder.endCall(call, { results: [conv] });
  const limit = builder.constant(f32(2), [Number.NaN, 1.5]);
  const [left = -1, right = -1] = builder.op({
    kernel: "SplitV",
    operands: { x: conv },
    results: [f32(1), f32(1)],
    scope: ["0"],
    placement: "view",
  });
  const [y = -1] = builder.op({
    kernel: "Concat",
    operands: { 0: left, 1: right, 2: limit },
    attrs: { axis: 0 },
    results: [f32(4)],
  });
  builder.op({ kernel: "Sink", operands: { x: mean }, results: [] });
  builder.group({ pattern: "split-join", ops: [1, 2] });
  builder.setResults([y, x]);
  return builder.build();
}

describe("print", () => {
  it("writes every part of a graph", () => {
    expect(print(tiny())).to.equal(
      `graph "tiny" device=virtual {
  %image        = input     "image"                    : f32[1,32,32,3]
  %conv1.kernel = param     "conv1/kernel"             : f32[3,3,3,8]
  %bn.mean      = statistic "bn/mean"                  : f32[8]
  %param2       = param     "conv 1" {trainable=false} : f32[8]
  %0 = FusedConv2D(x=%image, filter=%conv1.kernel, bias=%param2) \
{strides=[1,1], pad="same", "odd name"={limit=-inf, zero=-0}} : f32[1,32,32,8]  \
@net/"conv 1" call=0 dispatches=[Conv2DMMProgram(8,4,1)]
  %c0 = constant [nan,1.5] : f32[2]
  %1.0, %1.1 = SplitV(x=%0) : f32[1], f32[1]  @0 placement=view
  %2 = Concat(%1.0, %1.1, %c0) {axis=0} : f32[4]
  Sink(x=%bn.mean)
  call 0 = layer Conv2D(%image) params=[%conv1.kernel, %param2] results=[%0] @net/"conv 1"
  group split-join(1, 2)
  return %2, %image
}
`,
    );
  });

  it("writes one op", () => {
    expect(printOp(tiny(), 2)).to.equal("%2 = Concat(%1.0, %1.1, %c0) {axis=0} : f32[4]");
  });

  it("numbers values whose names are taken or cannot be printed", () => {
    const builder = new GraphBuilder("names");
    for (const name of ["input1", "w/x", "", "w.x", "input1", "é"]) builder.input(name, f32());
    const names = print(builder.build()).match(/%\S+/g);
    expect(names).to.deep.equal(["%input1", "%w.x", "%input2", "%input3", "%input4", "%input5"]);
  });
});
