import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CostDefinition, type Counters, count } from "@opcounter/counters";
import {
  BUILT_IN_PASSES,
  createPassRegistry,
  definePass,
  ERROR_CODES,
  type ErrorCode,
  OpcounterError,
  runPasses,
  toJson,
  verify,
} from "@opcounter/ir";
import { fromJson, parse } from "@opcounter/ir/read";
import {
  evaluate,
  loadModel,
  type ModelInputs,
  openDevice,
  parseLimits,
  type TraceOptions,
  trace,
  traceTraining,
} from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { type ConventionDefinition, profile } from "opcounter";
import { opcounter, temporaryFolder } from "./command-line.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The codes in the first column of the page's tables, which fields of the class are not. */
function documentedCodes(): string[] {
  const page = readFileSync(join(ROOT, "docs/errors.md"), "utf8");
  return [...page.matchAll(/^\| `([a-z]+(?:-[a-z]+)+)` /gm)].map(([, code = ""]) => code);
}

/** The codes that the sources of the packages make errors with. */
function thrownCodes(): string[] {
  const codes = ["ir", "tracer", "counters", "cli"].flatMap((name) => {
    const folder = join(ROOT, "packages", name, "src");
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .map((file) => readFileSync(join(folder, file), "utf8"))
      .flatMap((source) => [...source.matchAll(/(?:new OpcounterError|super)\(\s*"([a-z-]+)"/g)])
      .map(([, code = ""]) => code);
  });
  return [...new Set(codes)];
}

/** The error that a call ends with. */
async function errorOf(call: () => unknown): Promise<OpcounterError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof OpcounterError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("docs/errors.md", () => {
  it("lists every code once, and no other", () => {
    expect(documentedCodes()).to.deep.equal([...ERROR_CODES]);
  });

  it("lists only codes that the packages throw", () => {
    expect(thrownCodes().toSorted()).to.deep.equal([...ERROR_CODES].toSorted());
  });
});

const GRAPH = `graph "g" device=virtual {
  %0 = input "x" : f32[2]
  %1 = Relu(x=%0) : f32[2]
  %2 = Unheard(x=%1) : f32[2]
  return %2
}
`;
const graph = parse(GRAPH);

const registry = createPassRegistry([
  ...BUILT_IN_PASSES,
  definePass({
    name: "fails",
    summary: "",
    run: () => {
      throw new Error("no luck");
    },
  }),
]);
const run = (pipeline: string) => runPasses(graph, pipeline, { registry });

const rule = (kernels: NonNullable<Counters["kernels"]>) => count(graph, { counters: { kernels } });

const relu = (x: tf.Tensor) => x.relu();
const VIRTUAL = { device: "virtual" } as const;
const traced = ({
  inputs = [tf.ones([2])],
  ...options
}: TraceOptions & { inputs?: ModelInputs } = {}) => trace(relu, inputs, { ...VIRTUAL, ...options });
const dense = () => tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
/** A JSON file that is no model.json. */
const MANIFEST = join(ROOT, "package.json");

const byConvention = (changes: Partial<ConventionDefinition>) => {
  const own = { name: "own@1", description: "", unit: "flops" as const, kernels: {}, ...changes };
  return profile(relu, [tf.ones([2])], { plugins: [{ conventions: [own] }], convention: own.name });
};

const byCost = (changes: Partial<CostDefinition>) => {
  const own = { name: "own", unit: "points", description: "", total: "sum" as const, ...changes };
  return count(graph, { costs: [own] });
};

describe("an error's code", () => {
  const folder = temporaryFolder();
  before(() => {
    folder.write("graph.ir", GRAPH.replace("%2 = Unheard(x=%1)", "%2 = Relu(x=%1)"));
  });
  after(folder.remove);

  const failures: readonly [what: string, code: ErrorCode, call: () => unknown][] = [
    ["text that is no graph", "graph-text-malformed", () => parse("graph {")],
    ["JSON that is no graph", "graph-json-invalid", () => fromJson({ schemaVersion: 1 })],
    [
      "a graph of a later version",
      "graph-version-unsupported",
      () => fromJson({ ...toJson(graph), schemaVersion: 2 }),
    ],
    [
      "an op's result of a wrong shape",
      "graph-invalid",
      () => verify(parse(GRAPH.replace("Relu(x=%0) : f32[2]", "Relu(x=%0) : f32[3]"))),
    ],
    ["a pipeline cut short", "pipeline-malformed", () => run("fuse,")],
    ["an unknown pass", "pass-unknown", () => run("fus")],
    ["an option that a pass lacks", "pass-options-invalid", () => run("fuse{a=1}")],
    ["a pass that throws", "pass-failed", () => run("fails")],
    [
      "two passes of a name",
      "pass-invalid",
      () => createPassRegistry([...BUILT_IN_PASSES, ...BUILT_IN_PASSES]),
    ],
    ["an unknown op, if strict", "kernel-uncounted", () => count(graph, { strict: true })],
    ["an unknown convention", "convention-unknown", () => count(graph, { convention: "thop" })],
    ["an empty scope pattern", "scope-pattern-invalid", () => count(graph, { ignore: [""] })],
    [
      "a counter that throws",
      "rule-failed",
      () =>
        rule({
          Unheard: () => {
            throw new Error("no luck");
          },
        }),
    ],
    [
      "a counter that gives half an operation",
      "rule-failed",
      () => rule({ Unheard: () => ({ macs: 0.5 }) }),
    ],
    [
      "a convention of an unknown kernel",
      "kernel-unknown",
      () => byConvention({ kernels: Object.fromEntries([["Rleu", "M"]]) }),
    ],
    [
      "a convention of an unknown pattern",
      "pattern-unknown",
      () => byConvention({ patterns: { gleu: "M" } }),
    ],
    [
      "an expression that cannot be read",
      "expression-invalid",
      () => byConvention({ kernels: { Relu: "M * (" } }),
    ],
    [
      "an expression with another symbol",
      "expression-invalid",
      () => byConvention({ kernels: { Relu: "Q" } }),
    ],
    [
      "an expression that can be negative",
      "expression-invalid",
      () => byConvention({ kernels: { Relu: "M - 9" } }),
    ],
    [
      "an expression that is no integer",
      "expression-failed",
      () => byConvention({ kernels: { Relu: "M / 3" } }),
    ],
    [
      "a convention of a name that is taken",
      "convention-invalid",
      () => byConvention({ name: "native" }),
    ],
    ["a cost without a value", "cost-invalid", () => byCost({})],
    ["a cost that is NaN", "cost-failed", () => byCost({ op: () => Number.NaN })],
    ["a file that is not there", "file-not-found", () => loadModel("missing/model.json")],
    ["a file that is no model", "model-invalid", () => loadModel(MANIFEST)],
    ["a target that is none", "target-unknown", () => trace(Object.create(null))],
    ["inputs in no array", "input-invalid", () => traced({ inputs: Object(tf.ones([2])) })],
    [
      "a tensor of another shape",
      "input-mismatch",
      () => trace(dense(), [tf.ones([1, 3])], { device: "virtual" }),
    ],
    [
      "two inputs of a name",
      "input-repeated",
      () => traced({ inputs: [tf.ones([2]), tf.ones([2])], inputNames: ["x", "x"] }),
    ],
    ["an input that is left out", "input-missing", () => evaluate(graph, [])],
    ["a value that the graph lacks", "value-unknown", () => evaluate(graph, [], { values: [9] })],
    ["a kernel that is unknown", "value-uncomputable", () => evaluate(graph, [tf.ones([2])])],
    ["an unknown device", "device-unknown", () => openDevice(Object("cpu"))],
    ["limits that are none", "option-invalid", () => parseLimits("much")],
    [
      "limits of a real device",
      "options-conflict",
      () => openDevice("gpu", { limits: parseLimits("default") }),
    ],
    ["times of a virtual device", "device-unsuited", () => traced({ time: { runs: 1 } })],
    [
      "a trace in a trace",
      "trace-running",
      () => trace(async (x: tf.Tensor) => (await traced()) && x, [tf.ones([2])], VIRTUAL),
    ],
    [
      "a read that is not allowed",
      "value-unreadable",
      () =>
        trace((x: tf.Tensor) => x.relu().dataSync(), [tf.ones([2])], {
          ...VIRTUAL,
          values: "none",
        }),
    ],
    [
      "a program that returns an array of promises",
      "program-unsupported",
      () => trace((x: tf.Tensor) => [Promise.resolve(x)], [tf.ones([2])], VIRTUAL),
    ],
    [
      "a program that returns a function",
      "program-empty",
      () => trace((x: tf.Tensor) => () => x.relu(), [tf.ones([2])], VIRTUAL),
    ],
    ["a training step of a function", "program-unsupported", () => traceTraining(relu, [])],
  ];
  for (const [what, code, call] of failures) {
    it(`is "${code}" for ${what}`, async () => {
      const error = await errorOf(call);
      expect(error.message).to.not.equal("");
      expect(error.code).to.equal(code);
      expect(error.message.startsWith(error.sentence)).to.equal(true);
      if (error.remedy !== undefined) expect(error.message).to.include(error.remedy);
    });
  }

  const debugged: readonly [ErrorCode, number, string[]][] = [
    ["target-unknown", 2, ["profile", "densenet12"]],
    ["file-not-found", 2, ["profile", "./missing.ts"]],
    ["target-is-saved-graph", 2, ["profile", "graph.ir", "--training"]],
    ["kernel-uncounted", 1, ["profile", "unheard.ir", "--strict"]],
  ];
  it("is printed by the command line after the sentence, if --debug is given", () => {
    folder.write("unheard.ir", GRAPH);
    for (const [code, status, args] of debugged) {
      const silent = opcounter([...args, "--format", "json"], folder.path);
      expect(silent).to.include({ status, stdout: "" });
      expect(silent.stderr).to.match(/^opcounter: [^\n]+\n$/);

      const outcome = opcounter(["--debug", ...args], folder.path);
      expect(outcome.status).to.equal(status);
      const [sentence, line, stack] = outcome.stderr.split("\n");
      expect(`${sentence}\n`).to.equal(silent.stderr);
      expect(line).to.equal(`code: ${code}`);
      expect(stack).to.match(/^OpcounterError: /);
    }
  });
});
