import type { BackendValues, Tensor } from "@tensorflow/tfjs-core";
import { own, wrapMethod } from "../patches/patch.ts";
import { takeBack } from "../patches/undo.ts";
import { type Engine, isTensor, type TensorValues, tensorPrototype } from "../tfjs/engine.ts";

/** A tensor whose values the program has asked for. */
export interface Read {
  readonly tensor: Tensor;
  readonly isAsync: boolean;
  /** Undefined until they are there. */
  values: TensorValues | undefined;
}

/** What is told of the values that leave tensors for the host, and come back in new ones. */
export interface HostValuesListener {
  /** Called when values are asked for, with what the program is given: they, or a promise. */
  read(read: Read, given: unknown): void;
  /** Called when a tensor was made of values. */
  made?(tensor: Tensor, values: TensorValues): void;
}

/** Watches the reads of all tensors, and the tensors made of values. Returns what ends that. */
export function watchHostValues(tfEngine: Engine, listener: HostValuesListener): () => void {
  const prototype = tensorPrototype();
  const undo = ["data", "dataSync", "bytes"].map((method) =>
    watchRead(prototype, method, listener),
  );
  const { makeTensor } = tfEngine;
  const making: typeof makeTensor = (values, ...type) => {
    const tensor = makeTensor.call(tfEngine, values, ...type);
    listener.made?.(tensor, values);
    return tensor;
  };
  undo.push(own(tfEngine, "makeTensor", making));
  return () => takeBack(undo);
}

function watchRead(prototype: object, method: string, listener: HostValuesListener): () => void {
  return wrapMethod(prototype, method, (tensor, call) => {
    const values = call();
    if (!isTensor(tensor)) return values;
    const isAsync = values instanceof Promise;
    const read: Read = { tensor, isAsync, values: undefined };
    // The promise's first handler: it runs before the program goes on.
    const keep = (given: unknown) => {
      if (isValues(given)) read.values = given;
    };
    if (isAsync) values.then(keep, () => undefined);
    else keep(values);
    listener.read(read, values);
    return values;
  });
}

function isValues(value: unknown): value is BackendValues {
  return ArrayBuffer.isView(value) || Array.isArray(value);
}
