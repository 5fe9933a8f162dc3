import { expect } from "chai";
import { host } from "#host";
import { own, wrapMethod } from "./patch.ts";

class Counter {
  count = 0;
  add(by: number): number {
    this.count += by;
    return this.count;
  }
}

describe("a patch", () => {
  it("is taken back to nothing, or to what was there", () => {
    const counter = new Counter();
    const first = own(counter, "add", () => 1);
    const second = own(counter, "add", () => 2);
    expect(counter.add(5)).to.equal(2);
    second();
    expect(counter.add(5)).to.equal(1);
    first();
    expect(counter).not.to.have.own.property("add");
    expect(counter.add(5)).to.equal(5);
  });

  it("that a program sets is the program's alone, a method or a value", () => {
    const { asyncContext } = host;
    if (asyncContext === undefined) throw new Error("Node follows programs");
    const counter = new Counter();
    const undo = asyncContext.run(() => [own(counter, "add", () => 1), own(counter, "count", 10)]);
    expect(asyncContext.run(() => [counter.add(5), counter.count])).to.deep.equal([1, 10]);
    expect([counter.add(5), counter.count]).to.deep.equal([5, 5]);
    const kept = counter.add;
    for (const step of undo.reverse()) step();
    expect(counter).not.to.have.own.property("add");
    expect(asyncContext.run(() => kept.call(counter, 5))).to.equal(10);
    expect(counter.count).to.equal(10);
  });

  it("does not take back a method that other code put in its place, which may call it", () => {
    const counter = new Counter();
    const undo = host.asyncContext?.run(() => own(counter, "add", () => 1));
    const { add } = counter;
    counter.add = (by) => add.call(counter, by) + 100;
    expect(host.asyncContext?.run(() => counter.add(5))).to.equal(101);
    undo?.();
    expect(host.asyncContext?.run(() => counter.add(5))).to.equal(105);
  });

  it("goes around a method of a prototype, with the object and the arguments of each call", () => {
    const seen: unknown[] = [];
    const undo = wrapMethod(Counter.prototype, "add", (self, call, args) => {
      const result = call();
      seen.push(self, args, result);
      return result;
    });
    const counter = new Counter();
    expect(counter.add(3)).to.equal(3);
    undo();
    counter.add(4);
    expect(seen).to.deep.equal([counter, [3], 3]);
  });

  it("needs the method to be there, or calls would go unseen", () => {
    expect(() => wrapMethod(new Counter(), "subtract", () => undefined))
      .to.throw('TensorFlow.js\'s Counter has no "subtract"')
      .with.property("code", "tfjs-unsupported");
  });
});
