import * as tf from "@tensorflow/tfjs";

/** A loop of three turns, which doubles x, and a ReLU after it. */
export function branchingModel(): Promise<tf.GraphModel> {
  const placeholder = {
    name: "x",
    op: "Placeholder",
    attr: { dtype: { type: 1 }, shape: { shape: { dim: [{ size: 64 }] } } },
  };
  const constant = (name: string, dtype: number, type: "int32" | "float32") => [
    {
      name,
      op: "Const",
      attr: { dtype: { type: dtype }, value: { tensor: { dtype, tensorShape: {} } } },
    },
    { name, shape: [], dtype: type },
  ];
  const nodes = [
    constant("three", 3, "int32"),
    constant("one", 3, "int32"),
    constant("zero", 3, "int32"),
  ];
  const t = (type: number) => ({ T: { type } });
  const frame = { frame_name: { s: Buffer.from("outer/While").toString("base64") } };
  const node = (name: string, op: string, input: string[], attr: object = {}) => ({
    name,
    op,
    input,
    attr,
  });
  // In TF1's control flow: i counts, y doubles.
  const modelTopology = {
    node: [
      placeholder,
      ...nodes.map(([node]) => node),
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
  const weightSpecs = nodes.map(([, spec]) => spec) as tf.io.WeightsManifestEntry[];
  const weightData = new Int32Array([3, 1, 0]).buffer;
  return tf.loadGraphModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
}

/** A model of lists without a loop, which tfjs runs by executeAsync alone: x, its row 1 squared. */
export function listModel(): Promise<tf.GraphModel> {
  const float = { element_dtype: { type: 1 } };
  const node = (name: string, op: string, input: string[], attr: object = float) => ({
    name,
    op,
    input,
    attr,
  });
  const constant = (name: string) => node(name, "Const", [], { dtype: { type: 3 } });
  const modelTopology = {
    node: [
      node("x", "Placeholder", [], {
        dtype: { type: 1 },
        shape: { shape: { dim: [{ size: 3 }, { size: 64 }] } },
      }),
      constant("row"),
      constant("one"),
      node("list", "TensorListFromTensor", ["x", "row"]),
      node("get", "TensorListGetItem", ["list", "one", "row"]),
      node("square", "Square", ["get"], { T: { type: 1 } }),
      node("set", "TensorListSetItem", ["list", "one", "square"]),
      node("stack", "TensorListStack", ["set", "row"], { ...float, num_elements: { i: 3 } }),
    ],
    versions: { producer: 1 },
  };
  const weightSpecs: tf.io.WeightsManifestEntry[] = [
    { name: "row", shape: [1], dtype: "int32" },
    { name: "one", shape: [], dtype: "int32" },
  ];
  const weightData = new Int32Array([64, 1]).buffer;
  return tf.loadGraphModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
}

/** The same loop as a While of TF2 with functions, twice side by side, and an If after it. */
export function functionalModel(): Promise<tf.GraphModel> {
  const type = (dtype: number) => ({ type: dtype });
  const argument = (name: string, dtype: number) => ({ name, type: dtype });
  const constant = (name: string) => ({ name, op: "Const", attr: { dtype: type(3) } });
  const node = (name: string, op: string, input: string[], attr: object = {}) => ({
    name,
    op,
    input,
    attr,
  });
  const f = (name: string) => ({ func: { name } });
  const definition = (
    name: string,
    nodeDef: object[],
    ret: Record<string, string>,
    outputs: [string, number][],
  ) => ({
    signature: {
      name,
      inputArg: [argument("i", 3), argument("y", 1)],
      outputArg: outputs.map(([output, dtype]) => argument(output, dtype)),
    },
    nodeDef,
    ret,
  });
  const body = (name: string) =>
    definition(
      name,
      [
        constant("one"),
        node("add", "AddV2", ["i", "one"], { T: type(3) }),
        node("double", "AddV2", ["y", "y"], { T: type(1) }),
      ],
      { i_out: "add:z:0", y_out: "double:z:0" },
      [
        ["i_out", 3],
        ["y_out", 1],
      ],
    );
  const cond = (name: string, turns: string) =>
    definition(
      name,
      [constant(turns), node("less", "Less", ["i", turns], { T: type(3) })],
      { go_on: "less:z:0" },
      [["go_on", 10]],
    );
  const loop = (name: string) =>
    node(name, "StatelessWhile", ["zero", "x"], {
      T: { list: { type: [3, 1] } },
      body: f(`${name}_body`),
      cond: f(`${name}_cond`),
    });
  const modelTopology = {
    node: [
      {
        name: "x",
        op: "Placeholder",
        attr: { dtype: type(1), shape: { shape: { dim: [{ size: 64 }] } } },
      },
      constant("zero"),
      loop("a/loop"),
      loop("b/loop"),
      node("out", "AddV2", ["a/loop:1", "b/loop:1"], { T: type(1) }),
    ],
    library: {
      function: [
        body("a/loop_body"),
        cond("a/loop_cond", "two"),
        body("b/loop_body"),
        cond("b/loop_cond", "three"),
      ],
    },
    versions: { producer: 1 },
  };
  return tf.loadGraphModel({
    load: async () => ({
      modelTopology,
      weightSpecs: ["zero", "one", "two", "three"].map((name) => ({
        name,
        shape: [],
        dtype: "int32" as const,
      })),
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
  const type = (dtype: number) => ({ type: dtype });
  const node = (name: string, op: string, input: string[] = [], attr: object = {}) => ({
    name,
    op,
    input,
    attr,
  });
  const constant = (name: string, dtype: number) => node(name, "Const", [], { dtype: type(dtype) });
  const definition = (
    name: string,
    takes: [string, number][],
    nodeDef: object[],
    gives: [result: string, from: string, dtype: number][],
  ) => ({
    signature: {
      name,
      inputArg: takes.map(([name, dtype]) => ({ name, type: dtype })),
      outputArg: gives.map(([name, , dtype]) => ({ name, type: dtype })),
    },
    nodeDef,
    ret: Object.fromEntries(gives.map(([name, from]) => [name, from])),
  });
  const state: [string, number][] = [
    ["i", 3],
    ["y", 1],
  ];
  const f = (name: string) => ({ func: { name } });
  const loop = (name: string, start: string) =>
    node(name, "StatelessWhile", [start, "x"], {
      T: { list: { type: [3, 1] } },
      body: f("body"),
      cond: f("cond"),
    });
  const branch = (name: string, decides: string) =>
    node(name, "If", [decides, "a/loop:1"], {
      Tcond: type(10),
      then_branch: f("then"),
      else_branch: f("else"),
    });
  const modelTopology = {
    node: [
      node("x", "Placeholder", [], {
        dtype: type(1),
        shape: { shape: { dim: [{ size: 64 }] } },
      }),
      constant("zero", 3),
      constant("one", 3),
      constant("yes", 10),
      constant("no", 10),
      loop("a/loop", "one"),
      loop("b/loop", "zero"),
      branch("a/if", "yes"),
      branch("b/if", "no"),
      node("ifs", "AddV2", ["a/if", "b/if"], { T: type(1) }),
      node("out", "AddV2", ["ifs", "b/loop:1"], { T: type(1) }),
    ],
    library: {
      function: [
        definition(
          "cond",
          state,
          [constant("three", 3), node("less", "Less", ["i", "three"], { T: type(3) })],
          [["go_on", "less:z:0", 10]],
        ),
        definition(
          "body",
          state,
          [
            constant("one", 3),
            node("add", "AddV2", ["i", "one"], { T: type(3) }),
            node("double", "AddV2", ["y", "y"], { T: type(1) }),
          ],
          [
            ["i_out", "add:z:0", 3],
            ["y_out", "double:z:0", 1],
          ],
        ),
        definition(
          "then",
          [["y", 1]],
          [node("relu", "Relu", ["y"], { T: type(1) })],
          [["out", "relu:activations:0", 1]],
        ),
        definition(
          "else",
          [["y", 1]],
          [node("neg", "Neg", ["y"], { T: type(1) })],
          [["out", "neg:y:0", 1]],
        ),
      ],
    },
    versions: { producer: 1 },
  };
  const weightSpecs: tf.io.WeightsManifestEntry[] = [
    ...["zero", "one", "three"].map((name) => ({ name, shape: [], dtype: "int32" as const })),
    ...["yes", "no"].map((name) => ({ name, shape: [], dtype: "bool" as const })),
  ];
  const weightData = new Uint8Array([...new Uint8Array(new Int32Array([0, 1, 3]).buffer), 1, 0]);
  return tf.loadGraphModel({
    load: async () => ({ modelTopology, weightSpecs, weightData: weightData.buffer }),
  });
}
