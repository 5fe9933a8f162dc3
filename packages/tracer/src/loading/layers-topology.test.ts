import { OpcounterError } from "@opcounter/ir/core";
import { expect } from "chai";
import { checkLayers } from "./layers-topology.ts";

type Entry = Readonly<Record<string, unknown>>;

const input: Entry = {
  name: "in",
  class_name: "InputLayer",
  config: { name: "in", batch_input_shape: [null, 4] },
  inbound_nodes: [],
};
const dense = (name: string, ...calls: unknown[]): Entry => ({
  name,
  class_name: "Dense",
  config: { name, units: 2 },
  inbound_nodes: calls,
});
/** A call that takes the first results of these layers' first calls. */
const takes = (...names: string[]) => names.map((name) => [name, 0, 0, {}]);

const functional = (layers: unknown, output: unknown = "d", name = "m"): Entry => ({
  class_name: "Model",
  config: {
    name,
    layers,
    input_layers: [["in", 0, 0]],
    output_layers: Array.isArray(output) ? output : [[output, 0, 0]],
  },
});

function refusal(topology: Entry): string {
  try {
    checkLayers("model.json", topology);
  } catch (error) {
    if (!(error instanceof OpcounterError)) throw error;
    expect(error.code).to.equal("model-invalid");
    return error.message.replace("model.json is not a whole layers model: ", "");
  }
  throw new Error("the topology was taken");
}

describe("checkLayers", () => {
  it("takes layers in any order, called several times, and models within models", () => {
    const shared = dense("d", takes("in"), [["d", 0, 0, {}]]);
    checkLayers("model.json", functional([shared, input], [["d", 1, 0]]));
    const inner = { ...functional([input, dense("d", takes("in"))], "d", "inner"), name: "inner" };
    const outer = [
      input,
      { ...inner, inbound_nodes: [takes("in")] },
      dense("e", [["inner", 1, 0, {}]]),
    ];
    checkLayers("model.json", { model_config: functional(outer, "e") });
    const own = { class_name: "Mine", name: "d", config: { layers: 3 }, inbound_nodes: [] };
    checkLayers("model.json", functional([input, own], "in"));
    const entries = [{ class_name: "Dense", config: { units: 1 } }];
    checkLayers("model.json", { class_name: "Sequential", config: entries });
    checkLayers("model.json", { class_name: "Sequential", config: { layers: entries } });
  });

  it("refuses a layer that takes what is not there, and names both", () => {
    expect(refusal(functional([input, dense("d", takes("nosuch"))]))).to.equal(
      'its layer "d" takes the output of "nosuch", which is none of its layers.',
    );
    expect(refusal(functional([input, dense("d", takes("__proto__"))]))).to.include('"__proto__"');
    expect(refusal(functional([input, dense("d", [["in", 1, 0]])]))).to.equal(
      'its layer "d" takes the output of call 1 of "in", which is called 1 time.',
    );
    expect(refusal(functional([input, dense("d", takes("in"))], "e"))).to.equal(
      'its output is the output of "e", which is none of its layers.',
    );
    expect(refusal(functional([dense("d")]))).to.include('its input is the output of "in"');
  });

  it("refuses layers in a circle, and names them alone", () => {
    const circle = [
      input,
      dense("a", takes("in", "c")),
      dense("b", takes("a")),
      dense("c", takes("b")),
    ];
    const message = refusal(functional([...circle, dense("d", takes("c"))]));
    expect(message).to.match(/^its layers ("[abc]", ){2}"[abc]" take each other's outputs/);
    expect(refusal(functional([input, dense("d", takes("d"))]))).to.include('its layers "d" take');
    expect(refusal(functional([input, dense("d", [["d", 1, 0]], takes("in"))]))).to.include(
      'its layers "d" take',
    );
  });

  it("refuses a layer that is there twice, or under two names", () => {
    expect(refusal(functional([input, dense("d", takes("in")), dense("d", takes("in"))]))).to.equal(
      'its layer "d" is there twice.',
    );
    const other = { ...dense("d", takes("in")), config: { name: "e" } };
    expect(refusal(functional([input, other]))).to.include("another name in its configuration");
  });

  it("refuses entries of a wrong form, and names the layer and the place", () => {
    expect(refusal(functional([input, dense("d", ["in", 0, 0, {}])]))).to.match(
      /^its layer "d" is of a wrong form at inbound_nodes\.0\.0 \(.*expected/,
    );
    for (const entry of [null, 7, {}, { class_name: "Dense" }, { ...dense("d"), config: 3 }]) {
      expect(refusal(functional([input, entry]))).to.match(/layer.* is of a wrong form at /);
    }
    for (const taken of [["in", -1, 0], ["in", 0.5, 0], ["in"], [3, 0, 0], null]) {
      expect(refusal(functional([input, dense("d", [taken])]))).to.include("inbound_nodes.0.0");
    }
    expect(refusal(functional([input, dense("d", [])]))).to.include("a call that takes nothing");
    expect(refusal(functional([]))).to.include("there are no layers");
    expect(refusal(functional("x"))).to.include("no list of layers");
    expect(refusal(functional([input], [3]))).to.include(
      "its output_layers is of a wrong form at 0",
    );
    const nameless = { ...dense("d", takes("in")), name: undefined };
    expect(refusal(functional([input, nameless]))).to.include('"d" has no name in its entry');
    const silent = { ...dense("d"), inbound_nodes: undefined };
    expect(refusal(functional([input, silent]))).to.include("does not say what it takes");
    expect(refusal({})).to.include("its topology is of a wrong form at class_name");
    expect(refusal({ model_config: "text" })).to.include("its topology is of a wrong form");
  });

  it("refuses a flaw of a model within the model, and models that nest without end", () => {
    const inner = { ...functional([input, dense("d", takes("x"))]), name: "inner" };
    const layers = [input, { ...inner, inbound_nodes: [takes("in")] }];
    expect(refusal(functional(layers, "inner"))).to.include('layer "d" takes the output of "x"');
    let nested: Entry = dense("d");
    for (let depth = 0; depth < 100; depth++) {
      nested = { class_name: "Sequential", name: "d", config: { layers: [nested] } };
    }
    expect(refusal(nested)).to.include("nest deeper than 32");
    const wrapped = { class_name: "TimeDistributed", name: "t", config: { layer: inner } };
    expect(refusal({ class_name: "Sequential", config: { layers: [wrapped] } })).to.include('"x"');
  });

  it("takes a long chain without delay, whichever way round its layers stand", function () {
    this.timeout(20_000);
    const chain = Array.from({ length: 20_000 }, (_, i) =>
      dense(`l${i}`, takes(i === 0 ? "in" : `l${i - 1}`)),
    );
    const started = performance.now();
    checkLayers("model.json", functional([input, ...chain], "l19999"));
    checkLayers("model.json", functional([...chain.reverse(), input], "l19999"));
    expect(performance.now() - started).to.be.lessThan(5000);
  });
});
