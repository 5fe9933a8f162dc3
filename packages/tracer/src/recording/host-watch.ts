import { takeBack } from "../patches/undo.ts";
import { HostWork } from "./host-work.ts";
import type { OutsideUses } from "./outside-uses.ts";
import type { Recorder } from "./recorder.ts";
import { type WatchedPass, watchGraphModels } from "./watch-graph-models.ts";
import { watchNode, watchSuppression } from "./watch-suppression.ts";

export { watchStateful } from "../session/watch-stateful.ts";
export { leftTensors } from "./left-tensors.ts";
export { unclearNotes, unclearOps, unclearTensors } from "./unclear.ts";

/** What is recorded of functions and graph models, besides that of layers. */
export interface HostWatch {
  readonly hostWork: HostWork;
  readonly stop: () => void;
}

/**
 * Watches the nodes of graph models, and what functions and nodes compute on the host. A trace of a
 * LayersModel needs none of it, so a page that counts one does not load it.
 */
export function watchHost(recorder: Recorder, uses: OutsideUses, pass: WatchedPass): HostWatch {
  const hostWork = new HostWork(recorder, uses);
  const models = watchGraphModels(recorder, pass, {
    begins(node, execution) {
      hostWork.stopCollecting();
      if (execution !== undefined) watchNode(recorder, hostWork, node, execution);
    },
    pause: () => hostWork.stopCollecting(),
  });
  hostWork.onRead = models.onRead;
  const stopFunctions = watchSuppression(recorder, hostWork, pass.classes);
  return { hostWork, stop: () => takeBack([models.stop, stopFunctions]) };
}
