import { expect } from "chai";
import { onFirstUse } from "./first-use.ts";

/** What TensorFlow.js's engine has, with what was called of it. */
class Engine {
  readonly calls: string[] = [];

  makeTensor(value: number): number {
    this.calls.push("makeTensor");
    return value;
  }

  runKernel(name: string): string {
    this.calls.push("runKernel");
    return name;
  }
}

/** A global scope that has loaded TensorFlow.js, with what its listeners were told. */
function loaded(onUse: (engine: Engine) => void = () => undefined) {
  const told: string[] = [];
  const scope: { _tfengine?: Engine } = {};
  const engine = new Engine();
  onFirstUse(
    scope,
    () => told.push("loaded"),
    () => {
      told.push("used");
      onUse(engine);
    },
  );
  expect(scope._tfengine).to.equal(undefined);
  scope._tfengine = engine;
  expect(told).to.deep.equal(["loaded"]);
  return { told, scope, engine };
}

describe("the first use of a page's TensorFlow.js", () => {
  it("is told once, before the call, which then finds what was put in its place", () => {
    for (const first of ["makeTensor", "runKernel"] as const) {
      const { told, scope, engine } = loaded((found) => {
        expect(found.calls).to.deep.equal([]);
        expect(Object.keys(found)).to.deep.equal(["calls"]);
        found.runKernel = (name) => `watched ${name}`;
      });
      expect(first === "makeTensor" ? engine.makeTensor(3) : engine.runKernel("Add")).to.equal(
        first === "makeTensor" ? 3 : "watched Add",
      );
      expect(engine.runKernel("Mul")).to.equal("watched Mul");
      expect(engine.makeTensor(5)).to.equal(5);
      expect(told).to.deep.equal(["loaded", "used"]);
      expect(scope._tfengine).to.equal(engine);
    }
  });

  it("is not what a trace of opcounter does, whose patches stay", () => {
    const { told, engine } = loaded();
    const tracing = Symbol.for("opcounter.tracing");
    const { runKernel } = engine;
    Reflect.set(engine, tracing, true);
    engine.runKernel = (name) => `traced ${runKernel(name)}`;
    expect(engine.runKernel("Add")).to.equal("traced Add");
    expect(engine.makeTensor(3)).to.equal(3);
    expect(told).to.deep.equal(["loaded"]);
    engine.runKernel = runKernel;
    Reflect.deleteProperty(engine, tracing);
    expect(engine.runKernel("Add")).to.equal("Add");
    expect(told).to.deep.equal(["loaded", "used"]);
    expect(Object.keys(engine)).to.deep.equal(["calls"]);
  });
});
