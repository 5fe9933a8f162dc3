export type { Entry, Listener } from "./commands.ts";
export { buildGraph, type RecordingFacts } from "./graph/build-graph.ts";
export { readEntries, writeEntries } from "./page/written-entries.ts";
export {
  RECORD_DEVICES,
  type RecordDevice,
  type Recorded,
  type RecordOptions,
  record,
} from "./record.ts";
export { RecordingLog } from "./recording-log.ts";
export { Watcher } from "./watch/watcher.ts";
