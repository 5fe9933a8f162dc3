import { expect } from "chai";
import { runApart } from "../../testing/run-apart.ts";

describe("loading wasm", () => {
  it("leaves no listeners on the process, where errors would end a program that handles them", () => {
    // wasm is loaded once a process, so this needs one of its own.
    const program = `
      import * as tf from "@tensorflow/tfjs";
      import { trace } from "@opcounter/tracer";
      process.on("unhandledRejection", ({ message }) => console.log("handled:", message));
      await trace((x) => x.relu(), [tf.zeros([2])], { device: "virtual" });
      Promise.reject(new Error("late"));
      await new Promise((resolve) => setTimeout(resolve, 10));
      const counts = ["uncaughtException", "unhandledRejection"].map((e) => process.listenerCount(e));
      console.log(String(tf.findBackend("wasm") !== null), String(counts));
    `;
    expect(runApart(program).trim().split("\n")).to.deep.equal(["handled: late", "true 0,1"]);
  });
});
