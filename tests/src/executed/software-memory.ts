import type { Command, ShaderLaunch } from "@opcounter/executed";

/** `DeviceMemory`, on a real device. */
export class SoftwareMemory {
  readonly #buffers = new Map<object, GPUBuffer>();

  constructor(readonly device: GPUDevice) {}

  create(buffer: object, bytes: number, contents?: Uint8Array): void {
    const { STORAGE, UNIFORM, COPY_SRC, COPY_DST } = GPUBufferUsage;
    const usage = STORAGE | UNIFORM | COPY_SRC | COPY_DST;
    const made = this.device.createBuffer({ size: bytes, usage, mappedAtCreation: true });
    if (contents !== undefined) new Uint8Array(made.getMappedRange()).set(contents);
    made.unmap();
    this.#buffers.set(buffer, made);
  }

  destroy(buffer: object): void {
    this.#buffer(buffer).destroy();
  }

  submit(commands: readonly Command[]): void {
    const { queue } = this.device;
    for (const command of commands) {
      if (command.kind === "write") {
        queue.writeBuffer(this.#buffer(command.buffer), command.offset, command.bytes);
        continue;
      }
      const encoder = this.device.createCommandEncoder();
      this.#encode(encoder, command);
      queue.submit([encoder.finish()]);
    }
  }

  /** @throws where the device refused anything since the last read. */
  async read(buffer: object, offset: number, bytes: number): Promise<Uint8Array> {
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const target = this.device.createBuffer({ size: bytes, usage });
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(this.#buffer(buffer), offset, target, 0, bytes);
    this.device.queue.submit([encoder.finish()]);
    await target.mapAsync(GPUMapMode.READ);
    const read = new Uint8Array(target.getMappedRange()).slice();
    target.destroy();
    return read;
  }

  #buffer(buffer: object): GPUBuffer {
    const found = this.#buffers.get(buffer);
    if (found === undefined) throw new RangeError("no such buffer");
    return found;
  }

  #encode(encoder: GPUCommandEncoder, command: Exclude<Command, { kind: "write" }>): void {
    switch (command.kind) {
      case "copy": {
        const { from, fromOffset, to, toOffset, bytes } = command;
        const [source, target] = [this.#buffer(from), this.#buffer(to)];
        encoder.copyBufferToBuffer(source, fromOffset, target, toOffset, bytes);
        return;
      }
      case "clear":
        encoder.clearBuffer(this.#buffer(command.buffer), command.offset, command.bytes);
        return;
      case "dispatch":
        this.#dispatch(encoder, command.launch);
    }
  }

  #dispatch(encoder: GPUCommandEncoder, launch: ShaderLaunch): void {
    const { source, entryPoint, constants, workgroups, bindings } = launch;
    const compute = {
      module: this.device.createShaderModule({ code: source }),
      ...(entryPoint === undefined ? {} : { entryPoint }),
      ...(constants === undefined ? {} : { constants }),
    };
    const pipeline = this.device.createComputePipeline({ layout: "auto", compute });
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    for (const group of new Set(bindings.map((each) => each.group))) {
      const entries = bindings
        .filter((each) => each.group === group)
        .map(({ binding, buffer, offset, bytes }) => ({
          binding,
          resource: { buffer: this.#buffer(buffer), offset, size: bytes },
        }));
      const layout = pipeline.getBindGroupLayout(group);
      pass.setBindGroup(group, this.device.createBindGroup({ layout, entries }));
    }
    pass.dispatchWorkgroups(...workgroups);
    pass.end();
  }
}
