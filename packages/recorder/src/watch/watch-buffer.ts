import type { Watcher } from "./watcher.ts";

/** What of a buffer is mapped, and for what. */
interface Mapping {
  readonly writes: boolean;
  /** What the program was given of it. */
  readonly ranges: { readonly offset: number; readonly memory: ArrayBuffer }[];
}

const mappings = new WeakMap<object, Mapping>();

/** Watches what a program reads and writes of a new buffer by mapping it. */
export function watchBuffer(buffer: GPUBuffer, watcher: Watcher): void {
  if (buffer.mapState === "mapped") mappings.set(buffer, { writes: true, ranges: [] });
  watchBufferClass(buffer, watcher);
}

export function watchBufferClass(buffer: GPUBuffer, watcher: Watcher): void {
  const { patches, known } = watcher;
  patches.ofClass(buffer, {
    mapAsync: (self, call, mode, offset, size) => {
      const from = known.range(self, offset, size);
      if (from === undefined) return call();
      return watcher.waits(
        call().then((mapped) => {
          const isRead = mode === GPUMapMode.READ;
          mappings.set(self, { writes: !isRead, ranges: [] });
          if (isRead) watcher.tell({ kind: "read", from });
          return mapped;
        }),
      );
    },
    getMappedRange: (self, call, offset = 0) => {
      const memory = call();
      mappings.get(self)?.ranges.push({ offset, memory });
      return memory;
    },
    unmap: (self, call) => {
      writeMapped(self, watcher);
      call();
    },
    destroy: (self, call) => {
      call();
      mappings.delete(self);
      const facts = known.bufferOf(self);
      if (facts !== undefined) watcher.tell({ kind: "destroy", buffer: facts });
    },
  });
}

/** What the program wrote to mapped memory goes to the buffer when it is unmapped. */
function writeMapped(buffer: GPUBuffer, watcher: Watcher): void {
  const mapping = mappings.get(buffer);
  mappings.delete(buffer);
  if (!mapping?.writes) return;
  for (const { offset, memory } of mapping.ranges) {
    const to = watcher.known.range(buffer, offset, memory.byteLength);
    if (to !== undefined) watcher.written(to, new Uint8Array(memory));
  }
}
