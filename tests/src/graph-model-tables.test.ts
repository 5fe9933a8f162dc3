import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { kernelsByScope } from "../../packages/tracer/testing/kernels-by-scope.ts";
import {
  constant,
  FLOAT,
  INT,
  node,
  placeholder,
  RESOURCE,
  TEXT,
  type,
  writtenGraph,
} from "./written-graph.ts";

const T = { T: type(FLOAT) };
const DEVICES = ["virtual", "software"] as const;

/** So many that the virtual device does not compute them on the host. */
const WIDTH = 1024;

const rows = (...values: number[]) => tf.concat(values.map((value) => tf.fill([1, WIDTH], value)));

/** A tensor that a signature names; a table has the id of its resource. */
function signed(name: string, dtype: string, resourceId?: number) {
  const tensorShape = { dim: [] };
  return { name: `${name}:0`, dtype, tensorShape, ...(resourceId ? { resourceId } : {}) };
}

/** A model whose initializer fills a table, as the converter writes it: it takes texts alone. */
function initializedModel() {
  const names = { keys: tf.tensor1d(["a", "b"], "string"), rows: rows(5, 6) };
  const initializer = [
    ...[constant("keys", TEXT), constant("rows", FLOAT)],
    node("table", "HashTableV2", [], { key_dtype: type(TEXT), value_dtype: type(FLOAT) }),
    node("import", "LookupTableImportV2", ["table", "keys", "rows"]),
  ];
  return writtenGraph({
    nodes: [
      ...[placeholder("handle", [], RESOURCE), placeholder("words", [3], TEXT)],
      constant("default", FLOAT),
      node("find", "LookupTableFindV2", ["handle", "words", "default"]),
      node("square", "Square", ["find"], T),
    ],
    weights: { ...names, default: tf.fill([WIDTH], -1) },
    rest: {
      signature: {
        inputs: {
          words: signed("words", "DT_STRING"),
          unused_handle: signed("handle", "DT_RESOURCE", 7),
        },
        outputs: { square: signed("square", "DT_FLOAT") },
      },
      modelInitializer: { node: initializer, versions: { producer: 1 } },
      initializerSignature: { outputs: { import: signed("import", "DT_RESOURCE", 7) } },
    },
  });
}

/** A model that fills a table with its input where `import` is asked for. */
function fillingModel() {
  return writtenGraph({
    nodes: [
      ...[placeholder("rows", [2, WIDTH]), placeholder("wanted", [3], INT)],
      ...[constant("keys", INT), constant("default", FLOAT)],
      node("table", "HashTableV2", [], { key_dtype: type(INT), value_dtype: type(FLOAT) }),
      node("import", "LookupTableImportV2", ["table", "keys", "rows"]),
      node("find", "LookupTableFindV2", ["table", "wanted", "default"]),
    ],
    weights: { keys: tf.tensor1d([1, 2], "int32"), default: tf.fill([WIDTH], -1) },
  });
}

/** The first number of each row of a result, which is disposed of. */
async function firstOfRows(result: unknown): Promise<number[]> {
  const tensor = result as tf.Tensor2D;
  const numbers = await tensor.array();
  tensor.dispose();
  return numbers.map(([first = Number.NaN]) => first);
}

/** How many there are. TensorFlow.js miscounts the bytes of texts. */
function tensors() {
  const { numTensors, numDataBuffers } = tf.memory();
  return { numTensors, numDataBuffers };
}

describe("a GraphModel's tables", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  for (const device of DEVICES) {
    describe(`on the ${device} device${device === "software" ? " @linux" : ""}`, () => {
      it("that its initializer fills are no inputs, and the model initializes itself again", async () => {
        const model = await initializedModel();
        const words = tf.tensor1d(["a", "z", "b"], "string");
        const memory = tensors();
        const byName = { words };
        for (const inputs of [[words], byName]) {
          const graph = await trace(model, inputs, { device });
          expect(kernelsByScope(graph)).to.deep.equal([
            "import: Unpack",
            "find: Pack",
            "square: Square",
          ]);
          expect(graph.inputs).to.have.length(1);
        }
        expect(byName).to.have.all.keys("words");
        expect(tensors()).to.deep.equal(memory);
        expect(await firstOfRows(await model.executeAsync({ words }))).to.deep.equal([25, 1, 36]);
        // What it has filled by itself stays as it is.
        const filled = tensors();
        const graph = await trace(model, [words], { device });
        expect(kernelsByScope(graph)).to.deep.equal(["find: Pack", "square: Square"]);
        expect(tensors()).to.deep.equal(filled);
        expect(await firstOfRows(await model.executeAsync({ words }))).to.deep.equal([25, 1, 36]);
      });

      it("hold again what they held, where the trace fills them anew", async () => {
        const model = await fillingModel();
        const [old, others] = [rows(3, 4), rows(7, 8)];
        const wanted = tf.tensor1d([2, 1, 9], "int32");
        const find = async () =>
          firstOfRows(await model.executeAsync({ rows: old, wanted }, ["find"]));
        await model.executeAsync({ rows: old, wanted }, ["import"]);
        expect(await find()).to.deep.equal([4, 3, -1]);
        const memory = tf.memory();
        const fill = async (rows: tf.Tensor) => {
          await model.executeAsync({ rows, wanted }, ["import"]);
          return (await model.executeAsync({ rows, wanted }, ["find"])) as tf.Tensor;
        };
        const graph = await trace(fill, [others], { device });
        expect(kernelsByScope(graph)).to.deep.equal(["import: Unpack", "find: Pack"]);
        expect(tf.memory()).to.deep.equal(memory);
        expect(await find()).to.deep.equal([4, 3, -1]);
      });
    });
  }
});
