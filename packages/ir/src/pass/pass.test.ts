import { expect } from "chai";
import { z } from "zod";
import {
  analyse,
  annotate,
  annotationOf,
  BUILT_IN_PASSES,
  createPassRegistry,
  definePass,
  type Graph,
  GraphBuilder,
  nearestName,
  OpcounterError,
  parsePipeline,
  rewrite,
  runPasses,
  type TensorType,
  VerifyError,
} from "../index.ts";

function graph(): Graph {
  const builder = new GraphBuilder("g");
  builder.setResults([builder.input("x", { dtype: "float32", shape: [2] })]);
  return builder.build();
}

function builtGraph(): Graph {
  const builder = new GraphBuilder("g");
  const x = builder.input("x", { dtype: "float32", shape: [2] });
  const type: TensorType = { dtype: "float32", shape: [2] };
  const [y = x] = builder.op({ kernel: "Relu", operands: { x }, results: [type] });
  builder.setResults([y]);
  return builder.build();
}

const rename = definePass({
  name: "rename",
  summary: "Gives the graph another name.",
  options: () => z.strictObject({ to: z.string().default("renamed"), times: z.int().optional() }),
  run: (graph, { options }) => ({ ...graph, name: options.to.repeat(options.times ?? 1) }),
});
const keep = definePass({ name: "keep", summary: "Does nothing.", run: (graph) => graph });
const late = definePass({
  name: "late",
  summary: "Needs rename.",
  requires: ["rename"],
  run: (graph) => graph,
});
const spoil = definePass({
  name: "spoil",
  summary: "Loses the inputs.",
  run: (graph) => ({ ...graph, inputs: [] }),
});
const fail = definePass({
  name: "fail",
  summary: "Fails.",
  run: () => {
    throw new TypeError("no such thing");
  },
});
const registry = createPassRegistry([rename, keep, late, spoil, fail]);

const run = (pipeline: string) => runPasses(graph(), pipeline, { registry });

describe("parsePipeline", () => {
  it("reads names with options", () => {
    expect(
      parsePipeline(
        'canonicalize, fuse ,count{convention=thop@2019-07,strict=true, at = -1.5, s="a,}"}',
      ),
    ).to.deep.equal([
      { name: "canonicalize", options: {} },
      { name: "fuse", options: {} },
      { name: "count", options: { convention: "thop@2019-07", strict: true, at: -1.5, s: "a,}" } },
    ]);
    expect(parsePipeline(" ")).to.deep.equal([]);
  });

  const mistakes: Record<string, string> = {
    "fuse,": "column 6: expected the name of a pass, found the end",
    ",fuse": 'column 1: expected the name of a pass, found ","',
    "fuse fuse": 'column 6: expected "," and another pass, or the end, found "f"',
    "fuse{": "column 6: expected the name of an option, found the end",
    "fuse{a}": 'column 7: expected "=" and the value of "a", found "}"',
    "fuse{a=}": 'column 8: expected a value, found "}"',
    "fuse{a=1 b=2}": 'column 10: expected "," or "}", found "b"',
    "fuse{a=1,a=2}": 'column 10: option "a" is given twice',
    'fuse{a="\\x"}': 'column 8: expected a string quoted as in JSON, found "\\x"',
  };
  for (const [text, message] of Object.entries(mistakes)) {
    it(`refuses ${text}`, () => {
      expect(() => parsePipeline(text)).to.throw(OpcounterError, `is wrong at ${message}`);
    });
  }
});

describe("runPasses", () => {
  it("runs the passes in order and tells of each", () => {
    const told: [string, string, boolean][] = [];
    const result = runPasses(graph(), "rename{to=ab, times=2},keep,late", {
      registry,
      verify: true,
      onAfterPass: (name, { name: graphName }, time) => told.push([name, graphName, time >= 0]),
    });
    expect(result.name).to.equal("abab");
    expect(told).to.deep.equal([
      ["rename", "abab", true],
      ["keep", "abab", true],
      ["late", "abab", true],
    ]);
  });

  it("fills in defaults of options", () => {
    expect(run("rename").name).to.equal("renamed");
  });

  const mistakes: Record<string, string> = {
    renam:
      'There is no pass "renam". Did you mean "rename"? There are rename, keep, late, spoil, fail.',
    xylophone: 'There is no pass "xylophone". There are',
    "keep{a=1}": 'Pass "keep" takes no options, but was given "a"',
    "rename{too=1}":
      'Pass "rename": there is no option "too". Did you mean "to"? There are to, times.',
    "rename{times=x}": 'Pass "rename": option "times": invalid input: expected number',
    late: 'Pass "late" needs "rename" before it; write "rename,late"',
    fail: 'Pass "fail" failed: no such thing',
  };
  for (const [pipeline, message] of Object.entries(mistakes)) {
    it(`refuses ${pipeline}`, () => {
      expect(() => run(pipeline)).to.throw(OpcounterError, message);
    });
  }

  it("names the pass after which a graph is not valid, though nobody asked to verify", () => {
    for (const verify of [true, false]) {
      expect(() => runPasses(graph(), "keep,spoil,keep", { registry, verify })).to.throw(
        VerifyError,
        'After pass "spoil", graph "g" is not valid: the graph\'s inputs are []',
      );
    }
  });

  it("names the pass that returns a graph with parts missing or dangling", () => {
    const returned = (graph: object) =>
      runPasses(builtGraph(), "own", {
        // What a pass written in JavaScript may return.
        registry: createPassRegistry([{ name: "own", summary: "", run: () => graph as Graph }]),
      });
    const whole = builtGraph();
    expect(() => returned({ ...whole, ops: [] })).to.throw(VerifyError, 'After pass "own", ');
    expect(() => returned({ ...whole, results: [9999] })).to.throw(VerifyError, "value 9999");
    const groups = [{ pattern: "x", ops: [999] }];
    expect(() => returned({ ...whole, groups })).to.throw(VerifyError, "op 999, which does not");
    const ops = whole.ops.map((op) => ({ ...op, placement: "tpu" }));
    expect(() => returned({ ...whole, ops })).to.throw(
      VerifyError,
      'After pass "own", graph "g" is not valid: op 0 (Relu) at line 3: it has the placement "tpu"',
    );
    const bare = whole.ops.map(({ attrs: _, ...op }) => op);
    expect(() => returned({ ...whole, ops: bare })).to.throw(VerifyError, "lacks its attrs");
    const idle = whole.ops.map((op) => ({ ...op, operands: {} }));
    expect(() => returned({ ...whole, ops: idle })).to.throw(VerifyError, '"x" is missing');
    expect(() => returned({ ops: [] })).to.throw(
      OpcounterError,
      'Pass "own" returned an incomplete graph (',
    );
    expect(returned(whole)).to.equal(whole);
  });
});

describe("a pass of one's own", () => {
  it("that says it only reads must return the graph it was given", () => {
    const own = { name: "own", summary: "Reads.", readsOnly: true } as const;
    const run = (pass: ReturnType<typeof definePass>) =>
      runPasses(builtGraph(), "own", { registry: createPassRegistry([pass]) });
    expect(() => run(definePass({ ...own, run: (graph) => ({ ...graph }) }))).to.throw(
      OpcounterError,
      'Pass "own" only reads, but returned another graph; return the graph that it was given',
    );
    expect(run(definePass({ ...own, run: (graph) => graph })).ops).to.have.length(1);
  });

  it("rewrites a graph with what the package exports", () => {
    const dropRelu = definePass({
      name: "drop-relu",
      summary: "Drops every ReLU.",
      run: (graph) => {
        const relus = graph.ops.filter(({ kernel }) => kernel === "Relu");
        return rewrite(graph, {
          removed: new Set(relus.map(({ id }) => id)),
          replaced: new Map(
            relus.map(({ results, operands }) => [results[0] ?? 0, operands.x ?? 0]),
          ),
        });
      },
    });
    const registry = createPassRegistry([...BUILT_IN_PASSES, dropRelu]);
    const { ops, results } = runPasses(builtGraph(), "canonicalize,drop-relu", { registry });
    expect({ ops, results }).to.deep.equal({ ops: [], results: [0] });
    const misspelt: object = { remove: new Set([0]) };
    expect(() => rewrite(builtGraph(), misspelt)).to.throw(
      'there is no change "remove"; there are',
    );
    expect(() => rewrite(builtGraph(), { removed: new Set([7]) })).to.throw("there is no op 7");
    expect(() => rewrite(builtGraph(), { replaced: new Map([[9, 0]]) })).to.throw("no value 9");
  });
});

describe("createPassRegistry", () => {
  it("refuses two passes of one name and names that a pipeline cannot hold", () => {
    expect(() => createPassRegistry([keep, keep])).to.throw(
      OpcounterError,
      'Two passes are called "keep"',
    );
    const odd = definePass({ name: "a,b", summary: "", run: (graph) => graph });
    expect(() => createPassRegistry([odd])).to.throw(
      OpcounterError,
      "cannot be written in a pipeline",
    );
  });
});

describe("analyses and annotations", () => {
  it("are kept by graph", () => {
    let runs = 0;
    const size = { name: "size", run: (graph: Graph) => graph.values.length + runs++ };
    const [a, b] = [graph(), graph()];
    expect([analyse(a, size), analyse(a, size), analyse(b, size)]).to.deep.equal([1, 1, 2]);
    const note = { name: "note" } as { name: string; type?: string };
    annotate(a, note, "told");
    expect([annotationOf(a, note), annotationOf(b, note)]).to.deep.equal(["told", undefined]);
  });
});

describe("nearestName", () => {
  it("finds a name with a few letters wrong, and none where nothing is near", () => {
    const known = ["canonicalize", "fuse", "liveness"];
    expect(nearestName("canonicalise", known)).to.equal("canonicalize");
    expect(nearestName("Fuze", known)).to.equal("fuse");
    expect(nearestName("count", known)).to.equal(undefined);
  });
});
