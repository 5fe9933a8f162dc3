import { bytesOf } from "../bytes-of.ts";
import type { Watcher } from "./watcher.ts";

/** Watches what goes to a queue. */
export function watchQueue(queue: GPUQueue, watcher: Watcher): void {
  const { patches, known } = watcher;
  patches.ofClass(queue, {
    writeBuffer: (_, call, buffer, offset, data, dataOffset = 0, size) => {
      const bytes = bytesOf(data, dataOffset, size);
      const to = known.range(buffer, offset, bytes.byteLength);
      call();
      if (to !== undefined) watcher.written(to, bytes);
    },
    submit: (self, call, buffers) => {
      const list = [...buffers];
      call();
      const commands = list.flatMap((buffer) => known.takeCommands(buffer));
      const device = known.deviceOf(self);
      if (device !== undefined) watcher.tell({ kind: "submit", device, commands });
    },
    writeTexture: (self, call, _to, data) => {
      call();
      if (known.deviceOf(self) !== undefined)
        watcher.tell({ kind: "upload", name: "writeTexture", bytes: data.byteLength });
    },
    copyExternalImageToTexture: (self, call) => {
      call();
      if (known.deviceOf(self) !== undefined)
        watcher.tell({ kind: "upload", name: "copyExternalImageToTexture", bytes: 0 });
    },
    onSubmittedWorkDone: (self, call) =>
      known.deviceOf(self) !== undefined ? watcher.waits(call()) : call(),
  });
}
