import { readFileSync } from "node:fs";
import {
  count,
  REPORT_QUANTITIES,
  readConvention,
  readCosts,
  readLimits,
  reportToJson,
  scopePattern,
} from "@opcounter/counters";
import {
  BUILT_IN_PASSES,
  createPassRegistry,
  parsePipeline,
  print,
  runPasses,
  toJson,
  verify,
} from "@opcounter/ir";
import { fromJson, parse } from "@opcounter/ir/read";
import { loadModel, parseLimits } from "@opcounter/tracer";
import type fc from "fast-check";
import jpeg from "jpeg-js";
import { PNG } from "pngjs";
import { specOf } from "../../../packages/cli/src/device-spec.ts";
import { mergePlugins } from "../../../packages/cli/src/plugin.ts";
import { readBudgets } from "../../../packages/cli/src/read-budget.ts";
import { decodeImage, imageFormat } from "../../../packages/cli/src/target/image.ts";
import { parseInputOption } from "../../../packages/cli/src/target/input-option.ts";
import { readNpy } from "../../../packages/cli/src/target/npy.ts";
import { parseSize } from "../../../packages/cli/src/target/open-sizes.ts";
import { readReport } from "../../../packages/cli/src/target/read-report.ts";
import {
  parseExpression,
  symbolsIn,
} from "../../../packages/counters/src/expressions/expression.ts";
import { format } from "../../../packages/counters/src/expressions/format.ts";
import type { ModelFiles } from "../cli/small-model.ts";
import type { temporaryFolder } from "../command-line.ts";
import { mutatedBytes, mutatedJson, mutatedText } from "./mutations.ts";

/** A parser to fuzz. */
export interface Parser {
  /** What it must read, as the bytes of files. */
  readonly examples: readonly Uint8Array[];
  /** Inputs as the bytes of a file: valid ones with a few changes. */
  readonly inputs: fc.Arbitrary<Uint8Array>;
  /** Reads an input. May throw an OpcounterError and nothing else. */
  read(input: Uint8Array): unknown;
}

const encoded = (text: string) => new TextEncoder().encode(text);

/** A parser of bytes. */
function ofBytes(examples: readonly Uint8Array[], read: (bytes: Uint8Array) => unknown): Parser {
  return { examples, inputs: mutatedBytes(examples), read };
}

/**
 * A parser of texts.
 *
 * @param words of its language, which are put into the examples.
 */
function ofText(
  examples: readonly string[],
  words: readonly string[],
  read: (text: string) => unknown,
): Parser {
  return {
    examples: examples.map(encoded),
    inputs: mutatedText(examples, words).map(encoded),
    read: (input) => read(new TextDecoder().decode(input)),
  };
}

/** A parser of what a file's JSON holds; what is no JSON is not its business. */
function ofJson(examples: readonly unknown[], read: (json: unknown) => unknown): Parser {
  const written = (value: unknown) => encoded(JSON.stringify(value) ?? "null");
  return {
    examples: examples.map(written),
    inputs: mutatedJson(examples).map(written),
    read: (input) => read(JSON.parse(new TextDecoder().decode(input))),
  };
}

const golden = (name: string) =>
  readFileSync(new URL(`../../golden/${name}.ir`, import.meta.url), "utf8");
const GRAPHS = ["softmax", "fold-batchnorm", "attention"].map(golden);
const GRAPH_WORDS =
  'graph input param const return call group layer device= f32 i32 bool string c64 [ ] ( ) { } < > , = : @ % # " \\ \\u0000 -1 0 1e400 9007199254740993 true null \n'.split(
    " ",
  );

const PIPELINES = ["canonicalize,fold-batchnorm,fuse", 'count{convention="native", strict=true}'];
const PIPELINE_WORDS = ["{", "}", "=", ",", '"', "fuse", "1e9", "true"];
const EXPRESSIONS = ["M * (K * Ci) - ceil(a / b)", "max(0, 2 * M - 1) + floor(b / 3)", "7"];
const EXPRESSION_WORDS = [
  "(",
  ")",
  "+",
  "-",
  "*",
  "/",
  "M",
  "K",
  "max(",
  "min(",
  "ceil(",
  ",",
  "9",
];
const INPUTS = [
  "image=1x224x224x3:f32",
  "ids=1x128:i32:0..30521",
  "x=1x8:f32:-1..1e3",
  "image=@photo.png:i32:224x224",
  "x=@data.npy",
  "n=scalar",
];
const LIMITS = ["maxBufferSize=256MiB,maxComputeWorkgroupSizeX=64", "adapter", "default"];

const CONVENTION = {
  name: "own@1",
  description: "",
  unit: "flops",
  kernels: { Relu: "10 * M", BatchMatMul: "M * k" },
  layers: { Dense: "M" },
  patterns: { softmax: "5 * M" },
};
const COST = {
  name: "energy",
  unit: "pJ",
  description: "",
  total: "sum",
  kernels: { Relu: "0.9 * M" },
  op: "flops + bytesRead",
};
const BUDGETS = {
  budgets: [
    {
      target: "model.json",
      max: { macs: "300M", params: 7 },
      scopes: { "head/**": { flops: 1e9 } },
    },
    { target: "alexnet", baseline: "report.json", maxIncrease: "2%", input: ["x=1x8"], batch: 2 },
  ],
};
const SPEC = { name: "card", flops: 1e12, bandwidth: 1e11 };
/** Where a specification is given, the device does not matter. */
const NOWHERE = { name: "virtual", description: "", computes: false };

/** A .npy file of float32. */
function npy(): Uint8Array {
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117);
  const start = Uint8Array.of(0x93, ...Buffer.from("NUMPY"), 1, 0, header.length + 1, 0);
  return Buffer.concat([start, Buffer.from(`${header}\n`), Buffer.alloc(24)]);
}

const SIZE = { width: 5, height: 4 };
const PIXELS = Buffer.from(Array.from({ length: 80 }, (_, i) => (7 * i) % 256));

const GRAPH_MODEL = {
  modelTopology: {
    node: [
      {
        name: "x",
        op: "Placeholder",
        attr: {
          dtype: { type: "DT_FLOAT" },
          shape: { shape: { dim: [{ size: "-1" }, { size: "4" }] } },
        },
      },
      { name: "w", op: "Const", attr: { dtype: { type: "DT_FLOAT" } } },
      { name: "a", op: "Const", attr: { dtype: { type: "DT_INT32" } } },
      { name: "m", op: "MatMul", input: ["x", "w"], attr: { T: { type: "DT_FLOAT" } } },
      { name: "y", op: "Sum", input: ["m", "a"], attr: { keep_dims: { b: true } } },
    ],
    library: {
      function: [
        {
          signature: {
            name: "f",
            inputArg: [{ name: "i", type: "DT_FLOAT" }],
            outputArg: [{ name: "o", type: "DT_FLOAT" }],
          },
          nodeDef: [{ name: "r", op: "Relu", input: ["i"], attr: { T: { type: "DT_FLOAT" } } }],
          ret: { o: "r:activations:0" },
        },
      ],
    },
  },
  weightsManifest: [
    {
      paths: ["graph.bin"],
      weights: [
        {
          name: "w",
          shape: [4, 3],
          dtype: "float32",
          quantization: { dtype: "uint8", min: 0, scale: 1 },
        },
        { name: "a", shape: [], dtype: "int32" },
      ],
    },
  ],
};

/** An expression; undefined where the text is none, of which its readers make a sentence. */
function parsed(text: string) {
  try {
    return parseExpression(text);
  } catch {
    return undefined;
  }
}

/**
 * Every parser of what people bring, by name.
 *
 * @param folder where files are written that a parser reads by their paths.
 * @param layersModel a model's files, as TensorFlow.js saves them.
 */
export async function parsersIn(
  folder: ReturnType<typeof temporaryFolder>,
  layersModel: ModelFiles,
): Promise<Readonly<Record<string, Parser>>> {
  const { write } = folder;
  const graphs = GRAPHS.map((text) => parse(text));
  const registry = createPassRegistry([...BUILT_IN_PASSES]);
  write("graph.bin", new Uint8Array(16));
  write("weights.bin", layersModel.bin);
  const load = async (path: string) => (await loadModel(path)).dispose();
  const image = (bytes: Uint8Array) => {
    const kind = imageFormat(bytes);
    return kind && decodeImage(bytes, kind, 3, "image");
  };
  return {
    "graph-text": ofText(GRAPHS, GRAPH_WORDS, (text) => {
      const graph = parse(text);
      verify(graph);
      return print(graph);
    }),
    "graph-json": ofJson(graphs.map(toJson), (json) => verify(fromJson(json))),
    "model-json": ofJson([JSON.parse(layersModel.json), GRAPH_MODEL], (json) =>
      load(write("model.json", JSON.stringify(json))),
    ),
    "model-text": ofText([layersModel.json], ['"', "{", "[", "]", "}", "null"], (text) =>
      load(write("text.json", text)),
    ),
    shards: ofBytes([layersModel.bin], (bytes) => {
      write("shard.bin", bytes);
      return load(write("shards.json", layersModel.json.replace("weights.bin", "shard.bin")));
    }),
    npy: ofBytes([npy()], (bytes) => readNpy(bytes, "data.npy")),
    png: ofBytes([PNG.sync.write(Object.assign(new PNG(SIZE), { data: PIXELS }))], image),
    jpeg: ofBytes([jpeg.encode({ ...SIZE, data: PIXELS }).data], image),
    spec: ofJson([SPEC], (json) => specOf(NOWHERE, write("spec.json", JSON.stringify(json)))),
    budget: ofJson([BUDGETS], async (json) => {
      const budgets = await readBudgets(write("budget.json", JSON.stringify(json)));
      for (const { max = {}, scopes = {} } of budgets) {
        for (const limits of [max, ...Object.values(scopes)]) readLimits(limits, REPORT_QUANTITIES);
      }
    }),
    report: ofJson(
      graphs.map((graph) => JSON.parse(reportToJson(count(graph)))),
      (json) => readReport(write("report.json", JSON.stringify(json))),
    ),
    plugin: ofJson(
      [{ conventions: [CONVENTION], costs: [COST], passes: [], counters: {} }],
      (json) =>
        // Sound: what a program gives may be anything, and is checked there.
        mergePlugins([json as object]),
    ),
    convention: ofText(
      ["10 * M", "max(1, 2 * M) + ceil(M / 3)", "M * (M + 2)"],
      EXPRESSION_WORDS,
      (text) => readConvention({ ...CONVENTION, unit: "flops", kernels: { Relu: text } }),
    ),
    cost: ofText(
      ["macs + 2 * flops", "max(bytesRead / 3, 0.5 * bytesWritten)"],
      [...EXPRESSION_WORDS, "macs", "flops", "0.1"],
      (text) => readCosts([{ ...COST, total: "sum", op: text }]),
    ),
    expression: ofText(EXPRESSIONS, EXPRESSION_WORDS, (text) => {
      const expression = parsed(text);
      if (expression === undefined) return;
      const symbols = [...symbolsIn(expression)].map((name) => [name, 7] as const);
      return [format(expression), format(expression, Object.fromEntries(symbols))];
    }),
    pipeline: ofText(PIPELINES, PIPELINE_WORDS, parsePipeline),
    passes: ofText(
      ["canonicalize,fold-batchnorm,fuse", "shapes,liveness"],
      PIPELINE_WORDS,
      (text) => graphs.map((graph) => runPasses(graph, text, { registry })),
    ),
    pattern: ofText(["features/*/conv?", "**/norm*", "a/**/b/**"], ["*", "**/", "?", "/"], (text) =>
      [["a"], "features/0/conv1".split("/"), Array<string>(300).fill("aaaaaaaaab")].map(
        scopePattern(text),
      ),
    ),
    input: ofText(
      INPUTS,
      ["x", ":", "=", "@", "..", "scalar", "f32", "9", "-", "e"],
      parseInputOption,
    ),
    size: ofText(["256", "256x192"], ["x", "9", "0"], parseSize),
    limits: ofText(LIMITS, ["=", ",", "MiB", "9", "1e9"], parseLimits),
  };
}
