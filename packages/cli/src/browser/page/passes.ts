/**
 * Runs in a page that is somebody else's, before its own scripts: records the passes that it runs
 * on TensorFlow.js by itself. `record-page.ts` asks for them.
 */
import { toJson } from "@opcounter/ir";
import { type PagePass, watchPasses } from "@opcounter/tracer";
import { failureOf, type PassesAnswer, type RecordedPass } from "../protocol.ts";
import { onFirstUse } from "./first-use.ts";

/** How many kinds of passes are kept. */
const MOST = 50;

interface Kind {
  readonly first: PagePass;
  readonly hostMs: number[];
  peakBytes: number;
}

/** Passes of the same kernels and shapes are of one kind, in the order of the first of each. */
const kinds = new Map<string, Kind>();
let failure: PassesAnswer["failure"];
let hasTfjs = false;

function add(pass: PagePass): void {
  const known = kinds.get(pass.key);
  if (known === undefined && kinds.size >= MOST) return;
  const kind = known ?? { first: pass, hostMs: [], peakBytes: 0 };
  kind.hostMs.push(pass.hostMs);
  kind.peakBytes = Math.max(kind.peakBytes, pass.peakBytes);
  kinds.set(pass.key, kind);
}

function passesSoFar(): RecordedPass[] {
  return [...kinds.values()].map(({ first, hostMs, peakBytes }) => ({
    ...{ graph: toJson(first.graph), hostMs, peakBytes },
  }));
}

function watch(): void {
  try {
    watchPasses(add);
  } catch (error) {
    ({ failure } = failureOf(error));
  }
}

const onLoad = () => {
  hasTfjs = true;
};
onFirstUse(globalThis, onLoad, watch);

Reflect.set(globalThis, Symbol.for("opcounter.passes"), (): string => {
  const answer: PassesAnswer = {
    hasTfjs,
    passes: passesSoFar(),
    ...(failure === undefined ? {} : { failure }),
  };
  return JSON.stringify(answer);
});
