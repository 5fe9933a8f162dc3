import type { Attributes, ValueId } from "@opcounter/ir/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { wrapMethod } from "../patches/patch.ts";
import { takeBack } from "../patches/undo.ts";
import type { GraphNode } from "../targets/graph-model.ts";
import { tensorsIn } from "../targets/tensors-in.ts";
import type { TfjsClasses } from "../tfjs/classes.ts";
import type { Execution } from "./graph-model-runs.ts";
import type { HostWork } from "./host-work.ts";
import type { Place, Recorder } from "./recorder.ts";
import type { Read } from "./watch-host-values.ts";

/** A kernel of non-maximum suppression, and its attribute besides the thresholds. */
interface Form {
  readonly kernel: string;
  readonly own: Attributes;
}

const PLAIN: Form = { kernel: "NonMaxSuppressionV3", own: {} };
const PADDED: Form = { kernel: "NonMaxSuppressionV4", own: { padToMaxOutputSize: false } };
const SOFT: Form = { kernel: "NonMaxSuppressionV5", own: { softNmsSigma: 0 } };

/** The functions of `tf.image` that suppress on the host. */
const FUNCTIONS = {
  nonMaxSuppressionAsync: PLAIN,
  nonMaxSuppressionPaddedAsync: PADDED,
  nonMaxSuppressionWithScoreAsync: SOFT,
} as const;

/** The ops of TensorFlow graphs that TensorFlow.js suppresses by these functions. */
const NODES: ReadonlyMap<string, Form> = new Map([
  ["NonMaxSuppressionV2", PLAIN],
  ["NonMaxSuppressionV3", PLAIN],
  ["NonMaxSuppressionV4", PADDED],
  ["NonMaxSuppressionV5", SOFT],
]);

/** Makes calls of the functions of `tf.image` ops of the graph. Returns what ends that. */
export function watchSuppression(
  recorder: Recorder,
  hostWork: HostWork,
  classes: readonly TfjsClasses[],
): () => void {
  const images = new Set(classes.flatMap(({ image }) => image ?? []));
  const undo = [...images].flatMap((image) =>
    Object.entries(FUNCTIONS)
      .filter(([name]) => name in image)
      .map(([name, form]) => watchFunction(recorder, hostWork, image, name, form)),
  );
  return () => takeBack(undo);
}

function watchFunction(
  recorder: Recorder,
  hostWork: HostWork,
  image: object,
  name: string,
  form: Form,
): () => void {
  return wrapMethod(image, name, (_, call, args) => {
    // The node of a graph model that calls it is watched itself.
    if (hostWork.isCollecting) return call();
    const { place } = recorder;
    const reads = hostWork.collect();
    let promise: unknown;
    try {
      promise = call();
    } finally {
      hostWork.stopCollecting();
    }
    const suppression = Suppression.of(recorder, form, reads, args.slice(2), place);
    if (promise instanceof Promise) {
      // The promise's first handler: the op is there before the program goes on.
      promise.then(
        (results) => suppression?.record(hostWork, tensorsIn(results)),
        () => undefined,
      );
    }
    return promise;
  });
}

/** Records the suppression of a node that begins, if it is one, when its results are there. */
export function watchNode(
  recorder: Recorder,
  hostWork: HostWork,
  node: GraphNode,
  { context, results }: Execution,
): void {
  const form = NODES.get(node.op);
  if (form === undefined) return;
  const { place } = recorder;
  const reads = hostWork.collect();
  let suppression: Suppression | undefined;
  // By then the node has read its numbers, and has begun to read boxes and scores.
  queueMicrotask(() => {
    const numbers = reads.filter(({ isAsync }) => !isAsync).map(({ values }) => values?.[0]);
    const [most, overlap, score, sigma] = numbers;
    const padded = node.attrParams?.["padToMaxOutputSize"]?.value;
    const given = [most, overlap, score, sigma ?? padded];
    suppression = Suppression.of(recorder, form, reads, given, place);
  });
  const { currentContextId: iteration } = context;
  whenSet(results, iteration ? `${node.name}-${iteration}` : node.name, (tensors) =>
    suppression?.record(hostWork, tensorsIn(tensors)),
  );
}

/** Calls `onSet` when a property that an object does not have yet is set. */
function whenSet(object: object, name: string, onSet: (value: unknown) => void): void {
  Object.defineProperty(object, name, {
    configurable: true,
    get: () => undefined,
    set: (value: unknown) => {
      const plain = { value, configurable: true, enumerable: true, writable: true };
      Object.defineProperty(object, name, plain);
      onSet(value);
    },
  });
}

/** A suppression that waits for its values. */
class Suppression {
  readonly #form: Form;
  readonly #operands: Readonly<Record<"boxes" | "scores", ValueId>>;
  readonly #attrs: Attributes;
  readonly #place: Place;

  private constructor(
    form: Form,
    operands: Readonly<Record<"boxes" | "scores", ValueId>>,
    attrs: Attributes,
    place: Place,
  ) {
    this.#form = form;
    this.#operands = operands;
    this.#attrs = attrs;
    this.#place = place;
  }

  /**
   * What is known when it begins; undefined where it failed before.
   *
   * @param reads what it has begun to read: boxes and scores.
   * @param given the rest of its arguments. tfjs has the same defaults.
   */
  static of(
    { values }: Recorder,
    form: Form,
    reads: readonly Read[],
    [maxOutputSize, iouThreshold, scoreThreshold, own]: readonly unknown[],
    place: Place,
  ): Suppression | undefined {
    const [boxes, scores] = reads.filter(({ isAsync }) => isAsync).map(({ tensor }) => tensor);
    if (boxes === undefined || scores === undefined) return undefined;
    const [[name, usual] = []] = Object.entries(form.own);
    const attrs = {
      maxOutputSize: Math.min(Number(maxOutputSize), boxes.shape[0] ?? 0),
      iouThreshold: Number(iouThreshold ?? 0.5),
      scoreThreshold: Number(scoreThreshold ?? Number.NEGATIVE_INFINITY),
      ...(name === undefined || usual === undefined ? {} : { [name]: likewise(own, usual) }),
    };
    // Resolved now, since an operand that was no tensor is one only until the function ends.
    const operands = { boxes: values.of(boxes), scores: values.of(scores) };
    return new Suppression(form, operands, attrs, place);
  }

  record(hostWork: HostWork, results: readonly Tensor[]): void {
    hostWork.record(this.#form.kernel, this.#operands, this.#attrs, this.#place, results);
  }
}

/** A value of the type that the usual one has. */
function likewise(given: unknown, usual: Attributes[string]): boolean | number {
  return typeof usual === "boolean" ? Boolean(given ?? usual) : Number(given ?? usual);
}
