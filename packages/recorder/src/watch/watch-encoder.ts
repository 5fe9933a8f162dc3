import type { BufferRange } from "../commands.ts";
import { Encoding } from "./encoding.ts";
import type { Watcher } from "./watcher.ts";

/** Watches the commands that an encoder is given. */
export function watchEncoder(encoder: GPUCommandEncoder, watcher: Watcher): void {
  const { patches, known } = watcher;
  const encodingOf = (self: object) => known.encodings.get(self);
  watchDebugGroups(encoder, watcher);
  patches.ofClass(encoder, {
    beginComputePass: (self, call, descriptor) => {
      const pass = call();
      const outer = encodingOf(self);
      if (outer === undefined) return pass;
      known.encodings.set(pass, new Encoding(outer.commands, outer.scope, descriptor?.label));
      watchComputePass(pass, watcher);
      return pass;
    },
    beginRenderPass: (self, call, { label }) => {
      const pass = call();
      const outer = encodingOf(self);
      if (outer === undefined) return pass;
      known.encodings.set(pass, new Encoding(outer.commands, outer.scope, label));
      watchRenderCommands(pass, watcher);
      watchBundles(pass, watcher);
      return pass;
    },
    finish: (self, call) => {
      const buffer = call();
      known.commands.set(buffer, encodingOf(self)?.commands ?? []);
      return buffer;
    },
  });
  watchCopies(encoder, watcher);
}

function watchCopies(encoder: GPUCommandEncoder, watcher: Watcher): void {
  const { patches, known } = watcher;
  const encodingOf = (self: object) => known.encodings.get(self);
  patches.ofClass(encoder, {
    copyBufferToBuffer: (self, call, ...args) => {
      call();
      const encoding = encodingOf(self);
      const [from, to] = copied(args, known);
      if (encoding === undefined || from === undefined || to === undefined) return;
      encoding.commands.push({ kind: "copy", from, to, scope: encoding.scope });
    },
    clearBuffer: (self, call, buffer, offset, size) => {
      call();
      const encoding = encodingOf(self);
      const to = known.range(buffer, offset, size);
      if (to !== undefined) encoding?.commands.push({ kind: "clear", to, scope: encoding.scope });
    },
    copyBufferToTexture: (self, call, source, _, size) => {
      call();
      encodingOf(self)?.other("copyBufferToTexture", { reads: [linear(source, size, known)] });
    },
    copyTextureToBuffer: (self, call, _, destination, size) => {
      call();
      encodingOf(self)?.other("copyTextureToBuffer", {
        writes: [linear(destination, size, known)],
      });
    },
    copyTextureToTexture: (self, call) => {
      call();
      encodingOf(self)?.other("copyTextureToTexture");
    },
    resolveQuerySet: (self, call, _set, _first, count, destination, offset) => {
      call();
      const BYTES = 8;
      const writes = [known.range(destination, offset, BYTES * count)];
      encodingOf(self)?.other("resolveQuerySet", { writes });
    },
  });
}

/** The ranges of `copyBufferToBuffer`, which may be given without offsets. */
function copied(
  args: readonly unknown[],
  known: Watcher["known"],
): readonly [BufferRange | undefined, BufferRange | undefined] {
  const hasOffsets = typeof args[1] === "number";
  const [source, target] = hasOffsets ? [args[0], args[2]] : args;
  const [from, to] = hasOffsets ? [Number(args[1]), Number(args[3])] : [0, 0];
  const size = hasOffsets ? args[4] : args[2];
  const facts = (buffer: unknown) =>
    typeof buffer === "object" && buffer !== null ? known.bufferOf(buffer) : undefined;
  const [a, b] = [facts(source), facts(target)];
  if (a === undefined || b === undefined) return [undefined, undefined];
  const bytes = typeof size === "number" ? Math.trunc(size) : a.size - Math.trunc(from);
  return [
    { buffer: a, offset: Math.trunc(from), bytes },
    { buffer: b, offset: Math.trunc(to), bytes },
  ];
}

/** The bytes of a buffer that are pixels of a texture: rows, or what follows where no row is told. */
function linear(
  { buffer, offset = 0, bytesPerRow, rowsPerImage }: GPUTexelCopyBufferInfo,
  size: GPUExtent3DStrict,
  known: Watcher["known"],
): BufferRange | undefined {
  const rest = known.range(buffer, offset);
  if (rest === undefined || bytesPerRow === undefined) return rest;
  const [, height = 1, layers = 1] =
    Symbol.iterator in size ? [...size] : [size.width, size.height, size.depthOrArrayLayers];
  const rows = layers > 1 ? (rowsPerImage ?? height) * layers : height;
  return { ...rest, bytes: Math.min(rest.bytes, bytesPerRow * rows) };
}

/** Debug groups are scopes. */
function watchDebugGroups(
  encoder:
    | GPUCommandEncoder
    | GPUComputePassEncoder
    | GPURenderPassEncoder
    | GPURenderBundleEncoder,
  { patches, known }: Watcher,
): void {
  patches.ofClass<GPUDebugCommandsMixin>(encoder, {
    pushDebugGroup: (self, call, name) => {
      call();
      known.encodings.get(self)?.pushGroup(name);
    },
    popDebugGroup: (self, call) => {
      call();
      known.encodings.get(self)?.popGroup();
    },
  });
}

/** What all passes bind. */
function watchBindings(
  pass: GPUComputePassEncoder | GPURenderPassEncoder | GPURenderBundleEncoder,
  { patches, known }: Watcher,
): void {
  patches.ofClass<GPUBindingCommandsMixin>(pass, {
    setBindGroup: (self, call, index, group, ...offsets) => {
      call();
      const facts = group ? known.groups.get(group) : undefined;
      known.encodings.get(self)?.setGroup(index, facts, offsetsOf(offsets));
    },
  });
}

/** Dynamic offsets: a list, or a part of a typed array. */
function offsetsOf([offsets, start, length]: readonly unknown[]): readonly number[] {
  if (offsets === undefined || offsets === null) return [];
  if (offsets instanceof Uint32Array && typeof start === "number" && typeof length === "number") {
    return [...offsets.subarray(start, start + length)];
  }
  return typeof offsets === "object" && Symbol.iterator in offsets
    ? Array.from(offsets as Iterable<unknown>, Number)
    : [];
}

function watchComputePass(pass: GPUComputePassEncoder, watcher: Watcher): void {
  const { patches, known } = watcher;
  watchDebugGroups(pass, watcher);
  watchBindings(pass, watcher);
  const dispatched = (
    self: object,
    workgroups: readonly [number, number, number] | BufferRange,
  ) => {
    const encoding = known.encodings.get(self);
    const { pipeline } = encoding ?? {};
    if (encoding === undefined || pipeline === undefined) return;
    const { bindings, scope, textures } = encoding;
    encoding.commands.push({ kind: "dispatch", pipeline, bindings, textures, workgroups, scope });
  };
  patches.ofClass(pass, {
    setPipeline: (self, call, pipeline) => {
      call();
      const encoding = known.encodings.get(self);
      if (encoding !== undefined) encoding.pipeline = known.pipelineOf(pipeline);
    },
    dispatchWorkgroups: (self, call, x, y = 1, z = 1) => {
      call();
      // As WebGPU takes them: 2.5 workgroups are 2.
      dispatched(self, [Math.trunc(x), Math.trunc(y), Math.trunc(z)]);
    },
    dispatchWorkgroupsIndirect: (self, call, buffer, offset) => {
      call();
      const WORKGROUP_BYTES = 12;
      const range = known.range(buffer, offset, WORKGROUP_BYTES);
      if (range !== undefined) dispatched(self, range);
    },
  });
}

const DRAWS = ["draw", "drawIndexed", "drawIndirect", "drawIndexedIndirect"] as const;

/** Watches a render pass, or a bundle of its commands. */
export function watchRenderCommands(
  pass: GPURenderPassEncoder | GPURenderBundleEncoder,
  watcher: Watcher,
): void {
  const { patches, known } = watcher;
  watchDebugGroups(pass, watcher);
  watchBindings(pass, watcher);
  const drawn = (name: string) => (self: object, call: () => undefined) => {
    call();
    const encoding = known.encodings.get(self);
    if (encoding === undefined) return;
    const reads = [...encoding.vertexBuffers.values(), encoding.indexBuffer];
    encoding.other(name, { reads, pipeline: encoding.renderPipeline });
  };
  patches.ofClass<GPURenderCommandsMixin>(pass, {
    setPipeline: (self, call, pipeline) => {
      call();
      const encoding = known.encodings.get(self);
      if (encoding !== undefined) encoding.renderPipeline = pipeline.label;
    },
    setVertexBuffer: (self, call, slot, buffer, offset, size) => {
      call();
      const range = buffer ? known.range(buffer, offset, size) : undefined;
      const buffers = known.encodings.get(self)?.vertexBuffers;
      if (range === undefined) buffers?.delete(slot);
      else buffers?.set(slot, range);
    },
    setIndexBuffer: (self, call, buffer, _, offset, size) => {
      call();
      const encoding = known.encodings.get(self);
      if (encoding !== undefined) encoding.indexBuffer = known.range(buffer, offset, size);
    },
    ...Object.fromEntries(DRAWS.map((name) => [name, drawn(name)])),
  });
}

/** A bundle's commands run where it is executed, in the scope of the pass. */
function watchBundles(pass: GPURenderPassEncoder, { patches, known }: Watcher): void {
  patches.ofClass(pass, {
    executeBundles: (self, call, bundles) => {
      const list = [...bundles];
      call();
      const encoding = known.encodings.get(self);
      if (encoding === undefined) return;
      for (const command of list.flatMap((bundle) => known.commands.get(bundle) ?? [])) {
        encoding.commands.push({ ...command, scope: [...encoding.scope, ...command.scope] });
      }
    },
  });
}
