import { expect } from "chai";
import { type Graph, VerifyError, verify } from "../index.ts";
import { parse } from "../read.ts";

/** A graph of one op on inputs of these shapes. */
function graphOf(op: string, ...shapes: string[]): Graph {
  const inputs = shapes.map((shape, i) => `  %i${i} = input "i${i}" : f32${shape}`);
  return parse(`graph "g" device=virtual {\n${inputs.join("\n")}\n  %0 = ${op}\n  return %0\n}`);
}

const CONV = '{strides=1, pad="same", dataFormat="NHWC", dilations=1}';

/** Ops whose operands have the wrong number of axes, and what the verifier says. */
const WRONG: readonly (readonly [what: string, op: string, shapes: string[], message: string])[] = [
  [
    "a convolution of three axes",
    `Conv2D(x=%i0, filter=%i1) ${CONV} : f32[8,8,4]`,
    ["[8,8,3]", "[3,3,3,4]"],
    "the input [8,8,3] and the filter [3,3,3,4] differ in their number of axes",
  ],
  [
    "a product of a vector",
    "BatchMatMul(a=%i0, b=%i1) {transposeA=false, transposeB=false} : f32[1,4]",
    ["[3]", "[3,4]"],
    "the shape [3] has no axis -2",
  ],
  [
    "an output axis that no input has",
    'Einsum(%i0, %i1) {equation="ij,jk->iz"} : f32[2,1]',
    ["[2,3]", "[3,4]"],
    'no input of the equation has the axis "z"',
  ],
  [
    "more operands than terms",
    'Einsum(%i0, %i1) {equation="ij->ji"} : f32[3,2]',
    ["[2,3]", "[3,4]"],
    "the equation has 1 term for 2 operands",
  ],
  [
    "a concatenation of different ranks",
    "Concat(%i0, %i1) {axis=0} : f32[4,3]",
    ["[2,3]", "[2]"],
    "[2,3] and [2] differ in more than axis 0",
  ],
  [
    "a tile of too few repetitions",
    "Tile(x=%i0) {reps=[2]} : f32[4,3]",
    ["[2,3]"],
    "[2] has no element for axis 1",
  ],
  [
    "a padding of too few axes",
    "PadV2(x=%i0) {paddings=[[1,1]], constantValue=0} : f32[4,3]",
    ["[2,3]"],
    "[[1,1]] has no element for axis 1",
  ],
  [
    "blocks without crops",
    "BatchToSpaceND(x=%i0) {blockShape=[2,2], crops=[[0,0]]} : f32[1,4,2]",
    ["[4,2,1]"],
    "[[0,0]] has no element for axis 1",
  ],
  [
    "a transpose by an axis that is not there",
    "Transpose(x=%i0) {perm=[1,2]} : f32[3,1]",
    ["[2,3]"],
    "the shape [2,3] has no axis 2",
  ],
  [
    "an image of three axes",
    "ResizeBilinear(images=%i0) {alignCorners=false, halfPixelCenters=false, size=[4,4]} : f32[8,4,4,1]",
    ["[8,8,3]"],
    "the shape [8,8,3] should have 4 axes",
  ],
];

describe("shape inference assumes no dimension that is not there:", () => {
  for (const [what, op, shapes, message] of WRONG) {
    it(what, () => {
      expect(() => verify(graphOf(op, ...shapes))).to.throw(VerifyError, message);
    });
  }
});
