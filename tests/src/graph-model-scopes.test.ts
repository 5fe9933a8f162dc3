import { formatScope, type Graph } from "@opcounter/ir";
import { type TensorFunction, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { kernelsByScope } from "../../packages/tracer/testing/kernels-by-scope.ts";
import {
  type Arguments,
  BOOL,
  constant,
  definition,
  FLOAT,
  f,
  INT,
  node,
  placeholder,
  type,
  writtenGraph,
} from "./written-graph.ts";

const virtual = { device: "virtual" } as const;
const T = { T: type(FLOAT) };

/** A branch of functions that other branches share: the ReLU, or the negative. */
function branch(name: string, decides: string, x: string) {
  const functions = { then_branch: f("then"), else_branch: f("else") };
  return node(name, "StatelessIf", [decides, x], { ...functions, Tcond: type(BOOL) });
}

const Y: Arguments = [["y", FLOAT]];
const SIDES = [
  definition("then", Y, [node("relu", "Relu", ["y"], T)], [["out", "relu:activations:0", FLOAT]]),
  definition("else", Y, [node("neg", "Neg", ["y"], T)], [["out", "neg:y:0", FLOAT]]),
];

/** Two branches that share their functions. `slow` begins first, and has its condition last. */
function branchesModel() {
  return writtenGraph({
    nodes: [
      placeholder("x", [4]),
      ...[constant("axes", INT), constant("half", FLOAT), constant("no", BOOL)],
      node("max", "Max", ["x", "axes"], T),
      node("big", "Greater", ["max", "half"], T),
      node("cast", "Cast", ["big"], { SrcT: type(BOOL), DstT: type(FLOAT) }),
      branch("slow", "big", "x"),
      branch("quick", "no", "cast"),
      node("out", "AddV2", ["slow", "quick"], T),
    ],
    functions: SIDES,
    weights: {
      axes: tf.tensor1d([0], "int32"),
      half: tf.scalar(0.5),
      no: tf.scalar(false, "bool"),
    },
  });
}

/** A table of two rows that the model fills itself, and looks up. */
function tableModel() {
  return writtenGraph({
    nodes: [
      ...[placeholder("x", [2]), placeholder("wanted", [3], INT)],
      ...[constant("keys", INT), constant("rows", FLOAT), constant("default", FLOAT)],
      node("table", "HashTableV2", [], { key_dtype: type(INT), value_dtype: type(FLOAT) }),
      node("import", "LookupTableImportV2", ["table", "keys", "rows"]),
      node("find", "LookupTableFindV2", ["table", "wanted", "default"]),
      node("relu", "Relu", ["x"], T),
      node("abs", "Abs", ["relu"], T),
      node("square", "Square", ["find"], T),
    ],
    weights: {
      keys: tf.tensor1d([1, 2], "int32"),
      rows: tf.tensor1d([5, 6]),
      default: tf.scalar(-1),
    },
  });
}

/** A model of an op that the program has registered: `abs`, `own`, `square`. */
function ownOpModel(op: string) {
  return writtenGraph({
    nodes: [
      placeholder("x", [2]),
      node("abs", "Abs", ["x"], T),
      node("own", op, ["abs"], T),
      node("square", "Square", ["own"], T),
    ],
    weights: {},
  });
}

const callsOf = (graph: Graph) => graph.calls.map(({ scope }) => formatScope(scope));

describe("the rows of a GraphModel whose nodes wait for values", () => {
  before(async () => {
    await tf.setBackend("cpu");
    tf.registerOp("Later", async ({ inputs: [x] }) => {
      const more = tf.add(x as tf.Tensor, 1);
      await more.data();
      const twice = tf.mul(more, 2);
      await twice.array();
      return tf.tanh(twice);
    });
    tf.registerOp("NextFrame", async ({ inputs: [x] }) => {
      await tf.nextFrame();
      return tf.mul(x as tf.Tensor, 2);
    });
    tf.registerOp("EvenLater", async ({ inputs: [x] }) => {
      const places = await tf.whereAsync(tf.greater(x as tf.Tensor, 0));
      return tf.cast(tf.reshape(places, [2]), "float32");
    });
  });
  after(() => {
    for (const op of ["Later", "EvenLater", "NextFrame"]) tf.deregisterOp(op);
  });

  it("are those of a table that is filled and looked up", async () => {
    const inputs = { x: tf.ones([2]), wanted: tf.tensor1d([1, 2, 9], "int32") };
    const graph = await trace(await tableModel(), inputs, virtual);
    expect(kernelsByScope(graph)).to.have.members([
      "import: Unpack",
      "find: Pack",
      "relu: Relu",
      "abs: Abs",
      "square: Square",
    ]);
    const find = graph.calls.find(({ scope }) => formatScope(scope) === "find");
    expect(find?.results).to.deep.equal(graph.ops.find(({ kernel }) => kernel === "Pack")?.results);
  });

  it("are those of an op that the program registered, which runs once", async () => {
    const model = await ownOpModel("Later");
    const expected = ["abs: Abs", "own: Add", "own: Multiply", "own: Tanh", "square: Square"];
    const program: TensorFunction = (x) => model.executeAsync(x) as Promise<tf.Tensor>;
    for (const target of [model, program, model]) {
      const graph = await trace(target, [tf.ones([2])], virtual);
      expect(kernelsByScope(graph)).to.deep.equal(expected);
      expect(callsOf(graph)).to.deep.equal(["abs", "own", "square"]);
    }
    const later = await trace(await ownOpModel("EvenLater"), [tf.ones([2])], virtual);
    expect(kernelsByScope(later)).to.include.members(["own: Where", "own: Reshape"]);
    const waiting = await ownOpModel("NextFrame");
    // Not every call awaits before it begins.
    for (let call = 0; call < 2; call++) {
      const next = await trace(waiting, [tf.ones([2])], virtual);
      expect(kernelsByScope(next)).to.deep.equal(["abs: Abs", "own: Multiply", "square: Square"]);
      await waiting.executeAsync(tf.ones([2]));
    }
  });

  it("are those of each of several such ops that run at the same time", async () => {
    const names = ["one", "two", "three"];
    const model = await writtenGraph({
      nodes: [
        placeholder("x", [2]),
        ...names.map((name) => node(name, "Later", ["x"], T)),
        node("sum", "AddN", names, T),
      ],
      weights: {},
    });
    const graph = await trace(model, [tf.ones([2])], virtual);
    const own = graph.ops.filter(({ scope }) => scope[0] !== "sum");
    expect(own.map(({ kernel, scope }) => `${formatScope(scope)}: ${kernel}`)).to.have.members(
      names.flatMap((name) => ["Add", "Multiply", "Tanh"].map((kernel) => `${name}: ${kernel}`)),
    );
  });

  it("are those of the branch that takes them, where one of two has its condition sooner", async () => {
    const graph = await trace(await branchesModel(), [tf.ones([4])], virtual);
    expect(kernelsByScope(graph)).to.include.members(["slow/relu: Relu", "quick/neg: Neg"]);
    expect(callsOf(graph)).to.include.members(["slow/relu", "quick/neg"]);
  });

  it("are the model's alone where the program goes on meanwhile", async () => {
    const [model, other] = [await branchesModel(), await ownOpModel("Later")];
    // The first call awaits once more before it begins.
    for (const each of [model, other]) await each.executeAsync(tf.ones([each === model ? 4 : 2]));
    const program: TensorFunction = async (x) => {
      const before = x.data().then(() => tf.exp(x));
      const once = model.executeAsync(x);
      const part = tf.slice(x, 0, 2);
      const twice = model.executeAsync(tf.neg(x));
      const others = [other.executeAsync(part), other.executeAsync(part)];
      const read = part.data().then(() => tf.sub(x, 1));
      return Promise.all([once, twice, ...others, before, read]) as Promise<tf.Tensor[]>;
    };
    const graph = await trace(program, [tf.ones([4])], virtual);
    const branches = ["max: Max", "big: Greater", "cast: Cast", "quick/neg: Neg", "out: Add"];
    const own = ["abs: Abs", "own: Add", "own: Multiply", "own: Tanh", "square: Square"];
    expect(kernelsByScope(graph)).to.have.members([
      ...[": Slice", ": Neg", ": Sub", ": Exp"],
      ...[...branches, "slow/relu: Relu", ...branches, "slow/neg: Neg"],
      ...[...own, ...own],
    ]);
  });

  it("are those of the model that an op of another calls, inside the op", async () => {
    const inner = await ownOpModel("Later");
    await inner.executeAsync(tf.ones([2]));
    tf.registerOp("Calls", async ({ inputs: [x] }) => {
      const y = (await inner.executeAsync(x as tf.Tensor)) as tf.Tensor;
      return tf.sub(y, 1);
    });
    try {
      const graph = await trace(await ownOpModel("Calls"), [tf.ones([2])], virtual);
      expect(kernelsByScope(graph)).to.deep.equal([
        "abs: Abs",
        ...[
          "own/abs: Abs",
          "own/own: Add",
          "own/own: Multiply",
          "own/own: Tanh",
          "own/square: Square",
        ],
        ...["own: Sub", "square: Square"],
      ]);
    } finally {
      tf.deregisterOp("Calls");
    }
  });

  it("are a branch's in a loop in a branch, turn by turn, and for two calls at a time", async () => {
    const state: Arguments = [["i", INT], ...Y];
    const model = await writtenGraph({
      nodes: [
        placeholder("x", [4]),
        ...[constant("yes", BOOL), constant("zero", INT)],
        node("top", "If", ["yes", "zero", "x"], { then_branch: f("loops"), else_branch: f("no") }),
        node("out", "Square", ["top:1"], T),
      ],
      functions: [
        ...SIDES,
        definition(
          "cond",
          state,
          [constant("two", INT), node("less", "Less", ["i", "two"], { T: type(INT) })],
          [["go", "less:z:0", BOOL]],
        ),
        definition(
          "body",
          state,
          [
            constant("one", INT),
            node("add", "AddV2", ["i", "one"], { T: type(INT) }),
            node("first", "Less", ["i", "one"], { T: type(INT) }),
            branch("side", "first", "y"),
          ],
          [
            ["i_out", "add:z:0", INT],
            ["y_out", "side:output:0", FLOAT],
          ],
        ),
        definition(
          "loops",
          state,
          [node("loop", "While", ["i", "y"], { cond: f("cond"), body: f("body") })],
          [
            ["i_out", "loop:output:0", INT],
            ["y_out", "loop:output:1", FLOAT],
          ],
        ),
        definition(
          "no",
          state,
          [node("minus", "Neg", ["y"], T)],
          [
            ["i_out", "i", INT],
            ["y_out", "minus:y:0", FLOAT],
          ],
        ),
      ],
      weights: {
        yes: tf.scalar(true, "bool"),
        zero: tf.scalar(0, "int32"),
        one: tf.scalar(1, "int32"),
        two: tf.scalar(2, "int32"),
      },
    });
    const turn = (at: number) =>
      ["less: Less", "first: Less", "add: Add"].map((row) => `top/loop/[${at}]/${row}`);
    const expected = [
      ...[...turn(0), "top/loop/[0]/side/relu: Relu"],
      ...[...turn(1), "top/loop/[1]/side/neg: Neg"],
      ...["top/loop/[2]/less: Less", "out: Square"],
    ];
    const graph = await trace(model, [tf.ones([4])], virtual);
    expect(kernelsByScope(graph)).to.deep.equal(expected);
    const program: TensorFunction = async (x) => {
      const calls = [
        model.executeAsync(x),
        model.executeAsync(x),
        model.executeAsync(x, ["top:0"]),
      ];
      return Promise.all(calls) as Promise<tf.Tensor[]>;
    };
    await model.executeAsync(tf.ones([4]));
    const several = await trace(program, [tf.ones([4])], virtual);
    const inner = expected.filter((row) => row !== "out: Square");
    expect(kernelsByScope(several)).to.have.members([...expected, ...expected, ...inner]);
  });
});
