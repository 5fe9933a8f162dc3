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

/** The bytes that are written; offset and size are in elements of a typed array, else in bytes. */
function bytesOf(data: GPUAllowSharedBufferSource, offset: number, size?: number): Uint8Array {
  if (!ArrayBuffer.isView(data)) return new Uint8Array(data, offset, size);
  const unit = "BYTES_PER_ELEMENT" in data ? Number(data.BYTES_PER_ELEMENT) : 1;
  const from = data.byteOffset + offset * unit;
  return new Uint8Array(
    data.buffer,
    from,
    size === undefined ? data.byteLength - offset * unit : size * unit,
  );
}
