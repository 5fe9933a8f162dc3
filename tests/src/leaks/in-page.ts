// Traces programs many times on the page's GPU and posts what that leaves.
import { countListeners, growthByProgram } from "./growth.ts";

const { gc } = globalThis;
if (gc === undefined) throw new Error("the browser needs --js-flags=--expose-gc");

const heap = {
  async collect() {
    for (let pass = 0; pass < 3; pass++) {
      await new Promise((resolve) => setTimeout(resolve));
      gc();
    }
  },
  // Chromium's own; each object that it gives says how it is once.
  used: () => Number(Reflect.get(Object(Reflect.get(performance, "memory")), "usedJSHeapSize")),
};

const times = Number(await (await fetch("times.txt")).text());
const found = await growthByProgram(times, "gpu", heap, countListeners());
await fetch("/result", { method: "POST", body: JSON.stringify(found) });
