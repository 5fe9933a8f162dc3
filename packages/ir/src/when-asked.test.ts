import { expect } from "chai";
import { whenAsked } from "./when-asked.ts";

describe("an object whose parts are made when they are asked for", () => {
  function counting() {
    const made: string[] = [];
    const part = <T>(name: string, value: T) => {
      return () => {
        made.push(name);
        return value;
      };
    };
    const object = whenAsked<{ a: number; b: readonly string[] }>({
      a: part("a", 1),
      b: part("b", ["x"]),
    });
    return { made, object };
  }

  it("makes none before, and each once", () => {
    const { made, object } = counting();
    expect(made).to.deep.equal([]);
    expect([object.a, object.a]).to.deep.equal([1, 1]);
    expect(made).to.deep.equal(["a"]);
  });

  it("is written, copied and compared as a plain object is, in the same order", () => {
    const plain = { a: 1, b: ["x"] };
    expect(JSON.stringify(counting().object)).to.equal(JSON.stringify(plain));
    expect({ ...counting().object }).to.deep.equal(plain);
    expect(counting().object).to.deep.equal(plain);
    expect(Object.keys(counting().object)).to.deep.equal(["a", "b"]);
  });

  it("has getters that hold nothing of it, since V8 keeps them longer", () => {
    const getter = Object.getOwnPropertyDescriptor(counting().object, "a")?.get;
    const { made, object } = counting();
    expect(getter?.call(object)).to.equal(1);
    expect(made).to.deep.equal(["a"]);
  });

  it("asks again after a part has failed", () => {
    let times = 0;
    const object = whenAsked<{ a: number }>({
      a: () => {
        times++;
        if (times === 1) throw new Error("not yet");
        return times;
      },
    });
    expect(() => object.a).to.throw("not yet");
    expect(object.a).to.equal(2);
  });
});
