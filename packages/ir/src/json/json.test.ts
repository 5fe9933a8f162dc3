import { expect } from "chai";
import { type ErrorCode, type Graph, GraphBuilder, OpcounterError, toJson } from "../index.ts";
import { fromJson, graphJsonSchema } from "../read.ts";

function awkwardGraph(): Graph {
  const builder = new GraphBuilder("awkward", "gpu");
  const x = builder.input("x", { dtype: "float32", shape: [2, 2] });
  const w = builder.param("w", { dtype: "float32", shape: [2] }, { trainable: false });
  const c = builder.constant({ dtype: "float32", shape: [4] }, [Number.NaN, Infinity, -0, 1e-45]);
  const names = builder.constant({ dtype: "string", shape: [2] }, ["$number", "é\n"]);
  const call = builder.beginCall({
    kind: "layer",
    className: "Custom",
    scope: ["a"],
    inputs: [x],
    params: [w],
  });
  const [y = -1] = builder.op({
    kernel: "Mystery",
    operands: { x, w, c, names },
    attrs: {
      limit: -Infinity,
      zero: -0,
      none: null,
      nested: [{ $number: "NaN", $: [true, "s"] }],
      empty: {},
    },
    results: [{ dtype: "float32", shape: [2, 2] }],
    scope: ["a", "b"],
    call,
    placement: "cpu",
    dispatches: [{ program: "P", workgroups: [1, 2, 3] }],
  });
  builder.endCall(call, { results: [y] });
  builder.group({ pattern: "elementwise", ops: [0] });
  builder.setResults([y]);
  return builder.build();
}

/** The JSON form of the awkward graph with one thing broken, as read from a file. */
function broken(
  spoil: (json: ReturnType<typeof toJson>) => unknown,
  code: ErrorCode = "graph-json-invalid",
): string {
  const json = toJson(awkwardGraph());
  const spoiled = spoil(json) ?? json;
  try {
    fromJson(JSON.parse(JSON.stringify(spoiled)));
  } catch (error) {
    expect(error).to.have.property("code", code);
    return error instanceof Error ? error.message : "";
  }
  throw new Error("nothing was thrown");
}

describe("the JSON form", () => {
  it("keeps non-finite numbers, -0 and keys that look like its own tags", () => {
    const graph = awkwardGraph();
    const read = fromJson(JSON.parse(JSON.stringify(toJson(graph))));
    expect(read).to.deep.equal(graph);
    expect(Object.is(read.ops[0]?.attrs.zero, -0)).to.equal(true);
  });

  it("leaves defaults out", () => {
    const builder = new GraphBuilder("plain");
    const x = builder.input("x", { dtype: "float32", shape: [] });
    builder.op({
      kernel: "Relu",
      operands: { x },
      results: [{ dtype: "float32", shape: [] }],
    });
    expect(toJson(builder.build()).ops).to.deep.equal([
      { kernel: "Relu", operands: { x: 0 }, results: [1] },
    ]);
  });

  it("says where and what is wrong in one sentence", () => {
    expect(broken(({ ops: [op], ...json }) => ({ ...json, ops: [{ ...op, kernel: 7 }] }))).to.match(
      /^the graph's JSON is wrong at ops\[0\]\.kernel: invalid input: expected string/,
    );
    expect(
      broken(({ ops: [op], ...json }) => ({ ...json, ops: [{ ...op, operands: { x: -1 } }] })),
    ).to.match(/at ops\[0\]\.operands\.x \(op 0, Mystery\): /);
    expect(broken((json) => ({ ...json, extra: 1 }))).to.contain('unrecognized key: "extra"');
    expect(broken(({ schemaVersion: _, ...json }) => json)).to.contain("not an opcounter graph");
    const later = broken((json) => ({ ...json, schemaVersion: 2 }), "graph-version-unsupported");
    expect(later).to.contain("schemaVersion 2");
    expect(broken(() => [])).to.contain("not an opcounter graph");
  });

  it("takes no numbers and no keys but those it writes", () => {
    const withAttrs = (attrs: object) =>
      broken(({ ops: [op], ...json }) => ({ ...json, ops: [{ ...op, attrs }] }));
    for (const limit of [{ $number: "12" }, { $number: "hello" }, { $number: 12 }, { $x: 1 }]) {
      for (const attrs of [{ limit }, { limit: { nested: limit } }, { limit: [limit] }]) {
        expect(withAttrs(attrs)).to.match(
          /at ops\[0\]\.attrs\.limit \(op 0, Mystery\): expected a number, .* \{"\$number": …\}/,
        );
      }
    }
    expect(withAttrs({ limit: { $number: "NaN", x: 1 } })).to.contain('unrecognized key: "x"');
    expect(withAttrs({ $number: "NaN" })).to.contain("a key that begins with $ is written with");
    const withData = ({ values, ...json }: ReturnType<typeof toJson>) => ({
      ...json,
      values: values.map((value) =>
        value.kind === "constant" && value.dtype === "float32"
          ? { ...value, data: [1, 2, 3, { $number: "4" }] }
          : value,
      ),
    });
    expect(broken(withData)).to.contain("values[2].data[3]: expected a number or string; a tagged");
  });

  it("refuses values without a definition or with two", () => {
    expect(broken((json) => ({ ...json, ops: [] }))).to.contain("no op lists it");
    expect(broken((json) => ({ ...json, ops: [...json.ops, ...json.ops] }))).to.contain(
      "op 0 already defines",
    );
    expect(broken((json) => ({ ...json, values: json.values.slice(0, 3) }))).to.contain(
      "has only 3 values",
    );
    expect(
      broken(({ values, ...json }) => ({ ...json, values: [...values.slice(0, -1), values[0]] })),
    ).to.contain('of kind "input", but op 0');
  });

  it("has a JSON Schema that names its parts", () => {
    const schema = JSON.stringify(graphJsonSchema());
    expect(schema).to.contain('"schemaVersion":{"type":"number","const":1}');
    expect(schema).to.contain('"#/$defs/Attribute"');
  });
});

describe("fromJson, of what nests without end", () => {
  it("refuses it in one sentence", () => {
    let deep: unknown = 0;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    const json = { ...toJson(awkwardGraph()), values: deep };
    expect(() => fromJson(json)).to.throw(OpcounterError, "nests deeper than 72");
  });
});
