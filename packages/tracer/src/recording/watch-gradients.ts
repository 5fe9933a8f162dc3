import { own } from "../patches/patch.ts";
import { takeBack } from "../patches/undo.ts";
import type { Engine, TapeNode } from "../tfjs/engine.ts";
import type { Recorder } from "./recorder.ts";

/**
 * Gives the kernels of a gradient the scope of the op whose gradient they compute, below the scope
 * `backward` that tfjs opens: `backward/conv1` beside `forward/conv1`. Notes which variables have gradients. Returns what ends
 * that.
 */
export function watchGradients(recorder: Recorder, engine: Engine): () => void {
  const { addTapeNode, gradients, startTape, endTape } = engine;
  /** One depth of the scope stack per open tape: inside `forward`, which tfjs opens with it. */
  const depths: number[] = [];
  const undo = [
    own(engine, "startTape", () => {
      if (recorder.scopes.path.length === 0) recorder.isTraining = true;
      depths.push(engine.state.scopeStack.length + 1);
      startTape.call(engine);
    }),
    own(engine, "gradients", (...args: Parameters<typeof gradients>) => {
      const outcome = gradients.apply(engine, args);
      const [, xs] = args;
      recorder.values.addTrained(xs.filter((_, i) => outcome.grads[i] != null));
      return outcome;
    }),
    own(engine, "endTape", () => {
      depths.pop();
      endTape.call(engine);
    }),
    own(engine, "addTapeNode", (...args: Parameters<typeof addTapeNode>) => {
      Reflect.apply(addTapeNode, engine, args);
      const node = engine.state.activeTape?.at(-1);
      const depth = depths.at(-1);
      if (node === undefined || depth === undefined) return;
      watchNode(recorder, node, recorder.scopes.pathFrom(depth));
    }),
  ];
  return () => takeBack(undo);
}

/** @param inner the scope path of the node's op, inside `forward`. */
function watchNode(recorder: Recorder, node: TapeNode, inner: readonly string[]): void {
  const { gradient } = node;
  if (gradient === undefined || inner.length === 0) return;
  node.gradient = (dys) =>
    recorder.scopes.within(inner, () => {
      const gradients = Object.entries(gradient.call(node, dys));
      return Object.fromEntries(
        gradients.map(([input, compute]) => [input, () => recorder.scopes.within(inner, compute)]),
      );
    });
}
