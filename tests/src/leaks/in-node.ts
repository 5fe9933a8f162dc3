// Traces programs many times on the virtual device and sends its parent process what that leaves.
// The argument says how often.
import { countListeners, growthByProgram } from "./growth.ts";

const { gc } = globalThis;
if (gc === undefined) throw new Error("run it with node --expose-gc");

/** Node's own listeners are of two kinds. */
const ofTargets = countListeners();
const ofEmitters = () =>
  process.eventNames().reduce((sum, event) => sum + process.listenerCount(event), 0);

const heap = {
  async collect() {
    // What ends with a task is free after it alone.
    for (let pass = 0; pass < 3; pass++) {
      await new Promise((resolve) => setImmediate(resolve));
      gc();
    }
  },
  used: () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers,
};

const times = Number(process.argv[2]);
const found = await growthByProgram(times, "virtual", heap, () => ofTargets() + ofEmitters());
process.send?.(found, () => process.exit(0));
