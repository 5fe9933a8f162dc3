import { expect } from "chai";
import {
  type Attributes,
  BUILT_IN_PASSES,
  type Call,
  createPassRegistry,
  type Graph,
  GraphBuilder,
  type Op,
  type Operands,
  runPasses,
  type TensorType,
  type Value,
  VerifyError,
  verify,
} from "../index.ts";

const f32 = (...shape: number[]): TensorType => ({ dtype: "float32", shape });

/** One op of each form: named operands, a list of operands, several results. */
function valid(): Graph {
  const builder = new GraphBuilder("valid");
  const x = builder.input("x", f32(2, 4));
  const w = builder.param("w", f32(4, 4));
  const outer = builder.beginCall({
    kind: "layer",
    className: "Sequential",
    scope: ["net"],
    inputs: [x],
    params: [],
  });
  const inner = builder.beginCall({
    kind: "layer",
    className: "Dense",
    scope: ["net", "dense"],
    parent: outer,
    inputs: [x],
    params: [w],
  });
  const [product = -1] = builder.op({
    kernel: "_FusedMatMul",
    operands: { a: x, b: w },
    attrs: { transposeA: false, transposeB: false, activation: "relu" },
    results: [f32(2, 4)],
    scope: ["net", "dense"],
    call: inner,
    dispatches: [{ program: "MatMulPacked", workgroups: [1, 1, 1] }],
  });
  builder.endCall(inner, { results: [product] });
  builder.endCall(outer, { results: [product] });
  const two = builder.constant(f32(2, 1), [1, 2]);
  const halves = builder.op({
    kernel: "SplitV",
    operands: { x: product },
    attrs: { numOrSizeSplits: [2, 2], axis: 1 },
    results: [f32(2, 2), f32(2, 2)],
  });
  const [left = -1, right = -1] = halves;
  const [joined = -1] = builder.op({
    kernel: "Concat",
    operands: { 0: left, 1: right, 2: two },
    attrs: { axis: 1 },
    results: [f32(2, 5)],
  });
  const [y = -1] = builder.op({ kernel: "Relu", operands: { x: joined }, results: [f32(2, 5)] });
  builder.group({ pattern: "elementwise", ops: [2, 3] });
  builder.setResults([y]);
  return builder.build();
}

// The casts here are sound for tests that mean to break a graph: the verifier must cope with any.
function withOp(id: number, change: object): Graph {
  const graph = valid();
  const ops = graph.ops.map((op) => (op.id === id ? ({ ...op, ...change } as Op) : op));
  return { ...graph, ops };
}

function withValue(id: number, change: object): Graph {
  const graph = valid();
  const values = graph.values.map((v) => (v.id === id ? ({ ...v, ...change } as Value) : v));
  return { ...graph, values };
}

function withCall(id: number, change: object): Graph {
  const graph = valid();
  const calls = graph.calls.map((c) => (c.id === id ? ({ ...c, ...change } as Call) : c));
  return { ...graph, calls };
}

const withOperands = (id: number, operands: Operands) => withOp(id, { operands });
const withAttrs = (id: number, attrs: Attributes) => withOp(id, { attrs });

describe("verify", () => {
  it("accepts a valid graph", () => {
    expect(verify(valid())).to.deep.equal([]);
  });

  it("warns of kernels that nobody declared", () => {
    const messages = verify(withOp(3, { kernel: "Mystery" })).map(({ message }) => message);
    expect(messages).to.deep.equal([
      'op 3 (Mystery) at line 8: no kernel "Mystery" is declared, so it was not checked',
    ]);
  });

  it("names the op, its line in the text form and its scope", () => {
    expect(() => verify(withOperands(0, { a: 0 }))).to.throw(
      VerifyError,
      'graph "valid" is not valid: op 0 (_FusedMatMul) at line 4 in scope "net/dense": ' +
        'operand "b" is missing',
    );
  });

  it("lists all it found", () => {
    const graph = { ...withOp(1, { attrs: { numOrSizeSplits: [2, 2], axis: 9 } }) };
    const twice = {
      ...graph,
      ops: graph.ops.map((op) => (op.id === 3 ? { ...op, attrs: { a: 1 } } : op)),
    };
    try {
      verify(twice);
      expect.fail("nothing was thrown");
    } catch (error) {
      expect(error).to.be.instanceOf(VerifyError);
      if (!(error instanceof VerifyError)) return;
      expect(error.findings.map(({ op }) => op)).to.deep.equal([1, 3]);
      expect(error.message).to.match(
        /^graph "valid" is not valid in 2 places:\n {2}op 1 .*\n {2}op 3/,
      );
    }
  });

  it("is what the pass shapes does", () => {
    const registry = createPassRegistry(BUILT_IN_PASSES);
    const inferred = (graph: Graph) => runPasses(graph, "shapes", { registry });
    expect(inferred(valid()).ops).to.have.length(4);
    const more = withAttrs(1, { numOrSizeSplits: [4], axis: 1 });
    expect(() => inferred(more)).to.throw(VerifyError, "has 2 results where its kernel gives 1");
    expect(() => inferred(withOperands(3, {}))).to.throw(VerifyError, '"x" is missing');
  });

  const graph = valid();
  const rules: Record<string, [Graph, RegExp]> = {
    "a value's id is its index": [withValue(1, { id: 7 }), /value 1 has the id 7/],
    "a value is of a known kind": [
      withValue(1, { kind: "weight" }),
      /value 1 has the kind "weight"/,
    ],
    "a value is of a known dtype": [
      withValue(7, { dtype: "float16" }),
      /value 7 has the dtype "float16"; a dtype is one of float32, int32, bool, complex64, string/,
    ],
    "a parameter has a known role": [
      withValue(1, { role: undefined }),
      /value 1 has the role undefined; a role is one of weight, statistic/,
    ],
    "a parameter is stored in a known type": [
      withValue(1, { stored: "int4" }),
      /value 1 has the stored type "int4"; a stored type is one of uint8, uint16, float16/,
    ],
    "a parameter has no more zeros than elements": [
      withValue(1, { zeros: 17 }),
      /param 1 has 17 zeros, but its shape \[4,4\] has 16 elements/,
    ],
    "an op has all its parts": [
      withOp(3, { attrs: undefined, scope: "net", placement: "tpu" }),
      /in 2 places:\n {2}op 3 \(Relu\) lacks its attrs, which may be empty\n.* lacks its scope/,
    ],
    "an op has a known placement": [
      withOp(3, { placement: "tpu" }),
      /op 3 \(Relu\) at line 8: it has the placement "tpu"; a placement is one of gpu, cpu, view/,
    ],
    "a call is of a known kind": [
      withCall(1, { kind: "block" }),
      /call 1 \(Dense\) has the kind "block"; a kind is one of layer, node/,
    ],
    "dimensions are integers from 0": [withValue(1, { shape: [-1, 4] }), /value 1 has the shape/],
    "a constant has as many elements as its shape says": [
      withValue(3, { data: [1, 2, 3] }),
      /constant 3 has 3 elements, but its shape \[2,1\] has 2/,
    ],
    "a result is listed by its op": [withValue(4, { index: 1 }), /value 4 is not result 1 of op 1/],
    "inputs are the input values in order": [{ ...graph, inputs: [] }, /inputs are \[\]/],
    "an op's id is its index": [withOp(1, { id: 5 }), /op 1 \(SplitV\) has the id 5/],
    "an operand exists": [withOperands(3, { x: 99 }), /operand "x" is value 99, which does not/],
    "an operand is a result of an earlier op": [
      withOperands(1, { x: 6 }),
      /operand "x" is a result of op 2, which runs later/,
    ],
    "an operand is defined before its use": [
      withOperands(0, { a: 3, b: 1 }),
      /operand "a" is value 3, which is defined later/,
    ],
    "a result belongs to its op": [withOp(1, { results: [4, 6] }), /result 1 is value 6, which is/],
    "ids are in order of definition": [
      {
        ...graph,
        values: [...graph.values.slice(0, 4), ...graph.values.slice(4, 6).reverse()]
          .concat(graph.values.slice(6))
          .map((value, id): Value => ({ ...value, id })),
        ops: graph.ops.map((op) => (op.id === 1 ? { ...op, results: [5, 4] } : op)),
      },
      /result 1 is value 4; ids are given in order of definition/,
    ],
    "workgroups are integers from 0": [
      withOp(0, { dispatches: [{ program: "P", workgroups: [1, 0.5, 1] }] }),
      /the dispatch of P has the workgroups \(1,0.5,1\) of \(1,1,1\)/,
    ],
    "an op's call exists": [withOp(3, { call: 9 }), /it belongs to call 9, which does not exist/],
    "an op's scope is inside its call's": [
      withOp(0, { scope: ["net"] }),
      /its scope is not inside "net\/dense", the scope of its call/,
    ],
    "a call's id is its index": [withCall(1, { id: 4 }), /call 1 \(Dense\) has the id 4/],
    "a call's parent exists": [withCall(1, { parent: 8 }), /inside call 8, which does not exist/],
    "a call's parent begins before it": [withCall(0, { parent: 1 }), /call 1, which begins later/],
    "a call's scope is inside its parent's": [
      withCall(1, { scope: ["dense"] }),
      /its scope "dense" is not inside "net"/,
    ],
    "a call's values exist": [
      withCall(1, { results: [99] }),
      /call 1 \(Dense\) has value 99 among its results, which does not exist/,
    ],
    "a call's params are parameters": [
      withCall(1, { params: [0] }),
      /call 1 \(Dense\) has the input 0 among its params/,
    ],
    "a group has ops": [{ ...graph, groups: [{ pattern: "p", ops: [] }] }, /\(p\) has no ops/],
    "a group's ops exist": [
      { ...graph, groups: [{ pattern: "p", ops: [9] }] },
      /group 0 \(p\) has op 9, which does not exist/,
    ],
    "a group's ops are ascending": [
      { ...graph, groups: [{ pattern: "p", ops: [1, 0] }] },
      /not in ascending order/,
    ],
    "an op is in one group at most": [
      { ...graph, groups: [...graph.groups, { pattern: "p", ops: [3] }] },
      /op 3 \(Relu\) at line 8: it is in group 0 and in group 1/,
    ],
    "the graph's results exist": [{ ...graph, results: [99] }, /returns value 99, which does not/],
    "parts of a split fit": [
      withAttrs(1, { numOrSizeSplits: 3, axis: 1 }),
      /do not fit together: the 4 of axis 1 cannot be split into 3 parts/,
    ],
    "an op has no endless list of results": [
      (() => {
        const split = withAttrs(1, { numOrSizeSplits: 2 ** 31, axis: 1 });
        const values = split.values.map((v) => (v.id === 2 ? { ...v, shape: [2, 2 ** 31] } : v));
        return { ...split, values };
      })(),
      /an op cannot have 2147483648 results/,
    ],
    "required operands are there": [withOperands(3, {}), /operand "x" is missing/],
    "operands are declared": [
      withOperands(3, { x: 6, y: 6 }),
      /it has an operand "y", which its kernel does not declare/,
    ],
    "operands of a list are numbered": [
      withOperands(2, { 0: 4, 2: 5 }),
      /named 0, 1 and so on, but one is called "2"/,
    ],
    "attributes are as declared": [
      withAttrs(0, { transposeA: "no", transposeB: false, activation: "relu" }),
      /attribute "transposeA": it must be a boolean, in \{/,
    ],
    "no attribute is undeclared": [
      withAttrs(3, { odd: 1 }),
      /attribute "\w+": its kernel has no such attribute/,
    ],
    "operands fit together": [
      withOperands(0, { a: 0, b: 0 }),
      /its operands do not fit together: the inner dimensions 4 and 2 differ/,
    ],
    "result types are what the operands give": [
      withValue(7, { shape: [2, 6] }),
      /result 0 is f32\[2,6\], but its operands and attributes give f32\[2,5\]/,
    ],
    "an op has as many results as its kernel gives": [
      withOp(1, { attrs: { numOrSizeSplits: [4], axis: 1 } }),
      /it has 2 results where its kernel gives 1/,
    ],
  };
  for (const [rule, [broken, message]] of Object.entries(rules)) {
    it(`holds that ${rule}`, () => {
      expect(() => verify(broken)).to.throw(VerifyError, message);
    });
  }
});
