import { host } from "#host";

/**
 * Tells of every layer that asks itself whether it is stateful. A layer does so before it resets
 * its states, and a model for each of its layers. Returns what ends that.
 *
 * @param prototype tfjs's `Layer.prototype`, which has the getter.
 */
export function watchStateful(prototype: object, onAsk: (layer: object) => void): () => void {
  const before = Object.getOwnPropertyDescriptor(prototype, "stateful");
  const get = before?.get;
  if (before === undefined || get === undefined) return () => {};
  // Given up at the end: V8 keeps the getter for longer, and would keep the whole recording.
  let listener: typeof onAsk | undefined = onAsk;
  let isTelling = false;
  Object.defineProperty(prototype, "stateful", {
    ...before,
    get(this: object): unknown {
      if (!isTelling && host.asyncContext?.isInside() !== false) {
        isTelling = true;
        try {
          listener?.(this);
        } finally {
          isTelling = false;
        }
      }
      return get.call(this);
    },
  });
  return () => {
    listener = undefined;
    Object.defineProperty(prototype, "stateful", before);
  };
}
