import { own } from "./devices/own.ts";
import type { Engine, TapeNode } from "./engine.ts";
import type { Recorder } from "./recorder.ts";

/** The scope tfjs gives the forward pass under a gradient; the backward pass has its sibling. */
const FORWARD = "forward";

/**
 * Gives the kernels of a gradient the scope of the op they are the gradient of, below the scope
 * `backward` that tfjs opens: `backward/conv1` beside `forward/conv1`. Ends with the returned
 * function.
 */
export function watchGradients(recorder: Recorder, engine: Engine): () => void {
  const { addTapeNode } = engine;
  const watched: typeof addTapeNode = (...args) => {
    Reflect.apply(addTapeNode, engine, args);
    const node = engine.state.activeTape?.at(-1);
    if (node !== undefined) watchNode(recorder, node);
  };
  return own(engine, "addTapeNode", watched);
}

function watchNode(recorder: Recorder, node: TapeNode): void {
  const { gradient } = node;
  const path = recorder.scopes.path;
  const inner = path.slice(path.lastIndexOf(FORWARD) + 1);
  if (gradient === undefined || inner.length === 0) return;
  node.gradient = (dys) =>
    recorder.scopes.within(inner, () => {
      const gradients = Object.entries(gradient.call(node, dys));
      return Object.fromEntries(
        gradients.map(([input, compute]) => [input, () => recorder.scopes.within(inner, compute)]),
      );
    });
}
