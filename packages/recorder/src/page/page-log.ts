import type { DeviceFacts, Entry } from "../commands.ts";
import { RecordingLog } from "../recording-log.ts";

/** How many commands of a page are kept, in all. */
const MOST_COMMANDS = 200_000;
/** How many bytes that a page wrote are kept, in all: they tell how often loops of shaders run. */
const MOST_BYTES = 2 ** 24;

/** What a page did so far. Its memory is bounded: a page may go on for ever. */
export class PageLog extends RecordingLog {
  /** Submits that came when there were too many commands already. */
  dropped = 0;
  /** Why devices of the page were lost, each reason once. */
  readonly losses = new Set<string>();
  #commands = 0;
  #bytes = 0;

  constructor(later: (step: () => void) => void) {
    super(false, () => undefined, later);
  }

  override entry(entry: Entry): void {
    if (entry.kind === "submit") {
      if (this.#commands + entry.commands.length > MOST_COMMANDS) this.dropped++;
      else this.#commands += entry.commands.length;
    }
    // Once a submit is left out, what follows would come from nowhere.
    if (this.dropped > 0) return;
    if (entry.kind === "write") this.#bytes += entry.data?.byteLength ?? 0;
    super.entry(this.#bytes > MOST_BYTES ? withoutData(entry) : entry);
  }

  override device(device: GPUDevice): DeviceFacts {
    void device.lost.then(({ reason, message }) => {
      this.losses.add(reason === "destroyed" ? "the page destroyed it" : message.trim() || reason);
    });
    return super.device(device);
  }
}

function withoutData(entry: Entry): Entry {
  return entry.kind === "write" ? { ...entry, data: undefined } : entry;
}
