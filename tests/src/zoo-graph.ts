import type { Graph, Shape } from "@opcounter/ir";
import { type Device, openDevice, trace, withBackend } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { ZOO } from "../../packages/cli/src/zoo/catalog.ts";

const graphs = new Map<string, Promise<Graph>>();

/**
 * The graph of a model of the zoo on the virtual device. It is traced once per process, since a
 * transformer takes half a second: nobody is to annotate it.
 */
export function zooGraph(name: string): Promise<Graph> {
  const graph = graphs.get(name) ?? openDevice("virtual").then((device) => traceZoo(device, name));
  graphs.set(name, graph);
  return graph;
}

/**
 * Traces a model of the zoo anew.
 *
 * @param shape of its first input, where not the usual one.
 * @param run what traces it.
 */
export async function traceZoo(
  device: Device,
  name: string,
  shape?: Shape,
  run = trace,
): Promise<Graph> {
  const zooModel = ZOO[name];
  if (zooModel === undefined) throw new Error(`the zoo lacks ${name}`);
  return withBackend(device, async () => {
    const model = zooModel.build(tf);
    const inputs = zooModel.inputs.map((input, i) =>
      tf.zeros([...((i === 0 ? shape : undefined) ?? input.shape)], input.dtype),
    );
    try {
      return await run(model, inputs, { device });
    } finally {
      tf.dispose(inputs);
      model.dispose();
    }
  });
}
