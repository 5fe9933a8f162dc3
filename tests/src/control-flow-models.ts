import * as tf from "@tensorflow/tfjs";

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
  text,
  type,
} from "./written-graph.ts";

function integer(name: string): tf.io.WeightsManifestEntry {
  return { name, shape: [], dtype: "int32" };
}

/** A loop of three turns, which doubles x, and a ReLU after it. */
export function branchingModel(): Promise<tf.GraphModel> {
  const t = (type: number) => ({ T: { type } });
  const frame = { frame_name: text("outer/While") };
  // In TF1's control flow: i counts, y doubles.
  const modelTopology = {
    node: [
      placeholder("x", [64]),
      ...["three", "one", "zero"].map((name) => constant(name, INT)),
      node("outer/While/i_enter", "Enter", ["zero"], { ...t(3), ...frame }),
      node("outer/While/y_enter", "Enter", ["x"], { ...t(1), ...frame }),
      node("outer/While/n", "Enter", ["three"], { ...t(3), ...frame, is_constant: { b: true } }),
      node("outer/While/step", "Enter", ["one"], { ...t(3), ...frame, is_constant: { b: true } }),
      node("outer/While/i", "Merge", ["outer/While/i_enter", "outer/While/i_next"], t(3)),
      node("outer/While/y", "Merge", ["outer/While/y_enter", "outer/While/y_next"], t(1)),
      node("outer/While/less", "Less", ["outer/While/i", "outer/While/n"], t(3)),
      node("outer/While/cond", "LoopCond", ["outer/While/less"]),
      node("outer/While/i_switch", "Switch", ["outer/While/i", "outer/While/cond"], t(3)),
      node("outer/While/y_switch", "Switch", ["outer/While/y", "outer/While/cond"], t(1)),
      node("outer/While/add", "Add", ["outer/While/i_switch:1", "outer/While/step"], t(3)),
      node("outer/While/double", "Add", ["outer/While/y_switch:1", "outer/While/y_switch:1"], t(1)),
      node("outer/While/i_next", "NextIteration", ["outer/While/add"], t(3)),
      node("outer/While/y_next", "NextIteration", ["outer/While/double"], t(1)),
      node("outer/While/exit", "Exit", ["outer/While/y_switch"], t(1)),
      node("out", "Relu", ["outer/While/exit"], t(1)),
    ],
    versions: { producer: 1 },
  };
  const weightSpecs = ["three", "one", "zero"].map(integer);
  const weightData = new Int32Array([3, 1, 0]).buffer;
  return tf.loadGraphModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
}

/** A model of lists without a loop, which tfjs runs by executeAsync alone: x, its row 1 squared. */
export function listModel(): Promise<tf.GraphModel> {
  const float = { element_dtype: type(FLOAT) };
  const modelTopology = {
    node: [
      placeholder("x", [3, 64]),
      constant("row", INT),
      constant("one", INT),
      node("list", "TensorListFromTensor", ["x", "row"], float),
      node("get", "TensorListGetItem", ["list", "one", "row"], float),
      node("square", "Square", ["get"], { T: type(FLOAT) }),
      node("set", "TensorListSetItem", ["list", "one", "square"], float),
      node("stack", "TensorListStack", ["set", "row"], { ...float, num_elements: { i: 3 } }),
    ],
    versions: { producer: 1 },
  };
  const weightSpecs: tf.io.WeightsManifestEntry[] = [
    { name: "row", shape: [1], dtype: "int32" },
    integer("one"),
  ];
  const weightData = new Int32Array([64, 1]).buffer;
  return tf.loadGraphModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
}

const STATE: Arguments = [
  ["i", INT],
  ["y", FLOAT],
];

/** The body of a loop: i counts, y doubles. */
function doubling(name: string) {
  return definition(
    name,
    STATE,
    [
      constant("one", INT),
      node("add", "AddV2", ["i", "one"], { T: type(INT) }),
      node("double", "AddV2", ["y", "y"], { T: type(FLOAT) }),
    ],
    [
      ["i_out", "add:z:0", INT],
      ["y_out", "double:z:0", FLOAT],
    ],
  );
}

/** The condition of a loop: i is less than a constant. */
function below(name: string, turns: string) {
  return definition(
    name,
    STATE,
    [constant(turns, INT), node("less", "Less", ["i", turns], { T: type(INT) })],
    [["go_on", "less:z:0", BOOL]],
  );
}

function whileLoop(name: string, start: string, functions: { body: string; cond: string }) {
  return node(name, "StatelessWhile", [start, "x"], {
    T: { list: { type: [INT, FLOAT] } },
    body: f(functions.body),
    cond: f(functions.cond),
  });
}

/** The same loop as a While of TF2 with functions, twice side by side, and a sum after them. */
export function functionalModel(): Promise<tf.GraphModel> {
  const loop = (name: string) =>
    whileLoop(name, "zero", { body: `${name}_body`, cond: `${name}_cond` });
  const modelTopology = {
    node: [
      placeholder("x", [64]),
      constant("zero", INT),
      loop("a/loop"),
      loop("b/loop"),
      node("out", "AddV2", ["a/loop:1", "b/loop:1"], { T: type(FLOAT) }),
    ],
    library: {
      function: [
        doubling("a/loop_body"),
        below("a/loop_cond", "two"),
        doubling("b/loop_body"),
        below("b/loop_cond", "three"),
      ],
    },
    versions: { producer: 1 },
  };
  return tf.loadGraphModel({
    load: async () => ({
      modelTopology,
      weightSpecs: ["zero", "one", "two", "three"].map(integer),
      weightData: new Int32Array([0, 1, 2, 3]).buffer,
    }),
  });
}

/**
 * Two loops side by side that share the functions of their condition and body, and two branches on
 * one of the loops' results that share theirs: x is doubled 2 and 3 times; one branch takes the
 * ReLU, the other the negative.
 */
export function sharedFunctionsModel(): Promise<tf.GraphModel> {
  const loop = (name: string, start: string) =>
    whileLoop(name, start, { body: "body", cond: "cond" });
  const branch = (name: string, decides: string) =>
    node(name, "If", [decides, "a/loop:1"], {
      Tcond: type(BOOL),
      then_branch: f("then"),
      else_branch: f("else"),
    });
  const y: Arguments = [["y", FLOAT]];
  const modelTopology = {
    node: [
      placeholder("x", [64]),
      constant("zero", INT),
      constant("one", INT),
      constant("yes", BOOL),
      constant("no", BOOL),
      loop("a/loop", "one"),
      loop("b/loop", "zero"),
      branch("a/if", "yes"),
      branch("b/if", "no"),
      node("ifs", "AddV2", ["a/if", "b/if"], { T: type(FLOAT) }),
      node("out", "AddV2", ["ifs", "b/loop:1"], { T: type(FLOAT) }),
    ],
    library: {
      function: [
        below("cond", "three"),
        doubling("body"),
        definition(
          "then",
          y,
          [node("relu", "Relu", ["y"], { T: type(FLOAT) })],
          [["out", "relu:activations:0", FLOAT]],
        ),
        definition(
          "else",
          y,
          [node("neg", "Neg", ["y"], { T: type(FLOAT) })],
          [["out", "neg:y:0", FLOAT]],
        ),
      ],
    },
    versions: { producer: 1 },
  };
  const weightSpecs: tf.io.WeightsManifestEntry[] = [
    ...["zero", "one", "three"].map(integer),
    ...["yes", "no"].map((name) => ({ name, shape: [], dtype: "bool" as const })),
  ];
  const weightData = new Uint8Array([...new Uint8Array(new Int32Array([0, 1, 3]).buffer), 1, 0]);
  return tf.loadGraphModel({
    load: async () => ({ modelTopology, weightSpecs, weightData: weightData.buffer }),
  });
}
