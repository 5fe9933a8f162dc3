/** What a page needs to be watched: small, and without what counts. */

export type { BufferFacts, Command, DeviceFacts, Entry, Listener } from "./commands.ts";
export { LiveLog, type LiveSpan } from "./live/live-log.ts";
export { PageLog } from "./page/page-log.ts";
export { writeEntries } from "./page/written-entries.ts";
export { Watcher } from "./watch/watcher.ts";
