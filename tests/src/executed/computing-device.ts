import {
  countDispatch,
  countLaunch,
  DeviceMemory,
  type DispatchWork,
  isProblem,
  type Program,
  type ShaderLaunch,
  WorkgroupRunner,
} from "@opcounter/executed";
import { programOf } from "../../../packages/executed/src/compute/launch.ts";
import { Words } from "../../../packages/executed/src/run/memories.ts";
import type { WorkgroupCounts } from "../../../packages/executed/src/run/workgroup.ts";
import type { ReferenceLaunch } from "../../../packages/executed/testing/reference.ts";

/** What one dispatch of the device was counted to execute, by classes and workgroup by workgroup. */
export interface CountedDispatch {
  readonly program: string;
  readonly classes: DispatchWork;
  /** By classes, with the contents of all buffers known. */
  readonly informed: DispatchWork;
  readonly workgroups: readonly WorkgroupCounts[];
}

class ComputingBuffer {
  readonly size: number;
  readonly usage: number;
  readonly bytes: ArrayBuffer;
  mapState: GPUBufferMapState;

  constructor({ size, usage, mappedAtCreation = false }: GPUBufferDescriptor) {
    this.size = size;
    this.usage = usage;
    this.bytes = new ArrayBuffer(size);
    this.mapState = mappedAtCreation ? "mapped" : "unmapped";
  }

  async mapAsync(): Promise<void> {
    this.mapState = "mapped";
  }

  getMappedRange(): ArrayBuffer {
    return this.bytes;
  }

  unmap(): void {
    this.mapState = "unmapped";
  }

  destroy(): void {}
}

interface Pipeline {
  readonly label: string;
  readonly program: Program;
  readonly source: string;
  getBindGroupLayout(): object;
}

type BindGroup = ReadonlyMap<number, ComputingBuffer>;
type Command = () => void;

/**
 * A WebGPU device that runs the shaders of TensorFlow.js's backend with `@opcounter/executed`, on
 * buffers with contents.
 */
export class ComputingDevice {
  readonly label = "computing";
  readonly features = new Set<string>();
  readonly lost = new Promise(() => undefined);
  readonly counted: CountedDispatch[] = [];
  /** Is given each dispatch before it runs. */
  onDispatch: (label: string, source: string, launch: ReferenceLaunch) => void = () => undefined;
  readonly queue = {
    submit: (lists: readonly (readonly Command[])[]) => {
      for (const run of lists.flat()) run();
    },
    writeBuffer: (
      buffer: ComputingBuffer,
      offset: number,
      data: ArrayBuffer,
      from = 0,
      size = data.byteLength - from,
    ) => new Uint8Array(buffer.bytes).set(new Uint8Array(data, from, size), offset),
    onSubmittedWorkDone: async () => undefined,
  };

  constructor(readonly limits: GPUSupportedLimits) {}

  createBuffer(descriptor: GPUBufferDescriptor): ComputingBuffer {
    return new ComputingBuffer(descriptor);
  }

  createShaderModule({ code }: GPUShaderModuleDescriptor): { readonly code: string } {
    return { code };
  }

  createComputePipeline(descriptor: {
    label: string;
    compute: { module: { code: string } };
  }): Pipeline {
    const { label, compute } = descriptor;
    const { code: source } = compute.module;
    return { label, source, program: programOf({ source }), getBindGroupLayout: () => ({}) };
  }

  createBindGroup({
    entries,
  }: {
    entries: readonly { binding: number; resource: { buffer: ComputingBuffer } }[];
  }): BindGroup {
    return new Map(entries.map(({ binding, resource }) => [binding, resource.buffer]));
  }

  createCommandEncoder() {
    const commands: Command[] = [];
    return {
      finish: () => commands,
      copyBufferToBuffer: (
        from: ComputingBuffer,
        start: number,
        to: ComputingBuffer,
        place: number,
        size: number,
      ) => {
        commands.push(() =>
          new Uint8Array(to.bytes).set(new Uint8Array(from.bytes, start, size), place),
        );
      },
      beginComputePass: () => this.#computePass(commands),
    };
  }

  #computePass(commands: Command[]) {
    let pipeline: Pipeline | undefined;
    let buffers: BindGroup = new Map();
    return {
      setPipeline: (given: Pipeline) => {
        pipeline = given;
      },
      setBindGroup: (_index: number, given: BindGroup) => {
        buffers = given;
      },
      dispatchWorkgroups: (x: number, y = 1, z = 1) => {
        const [run, bound] = [pipeline, buffers];
        if (run !== undefined) commands.push(() => this.#dispatch(run, bound, [x, y, z]));
      },
      end: () => undefined,
    };
  }

  #dispatch(
    { program, source, label }: Pipeline,
    buffers: BindGroup,
    workgroups: readonly [number, number, number],
  ): void {
    // tfjs binds the uniforms last.
    const last = Math.max(...buffers.keys());
    const uniforms = [...new Int32Array(buffers.get(last)?.bytes ?? new ArrayBuffer(0))];
    // Counting computes values of its own, which must not be in the way.
    const copies = new Map([...buffers].map(([binding, { bytes }]) => [binding, bytes.slice(0)]));
    this.onDispatch(label, source, { workgroups, buffers: copies });
    const launch = {
      workgroups,
      sizeOf: ({ binding }: { binding: number }) => copies.get(binding)?.byteLength,
      contentsOf: ({ binding }: { binding: number }) => {
        const bytes = copies.get(binding);
        return bytes && new Words(bytes);
      },
    };
    const shaderLaunch = launchOf(source, buffers, workgroups);
    const informed = informedCounts(shaderLaunch);
    const runner = new WorkgroupRunner(program, launch, true);
    const [x, y, z] = workgroups;
    const counts = Array.from({ length: x * y * z }, (_, place) => {
      const at = [place % x, Math.floor(place / x) % y, Math.floor(place / (x * y))] as const;
      return runner.run({ low: at, high: at });
    });
    this.#compute(shaderLaunch, buffers);
    const classes = countDispatch(program, { workgroups, uniforms });
    this.counted.push({ program: label, classes, informed, workgroups: counts });
  }

  #compute(launch: ShaderLaunch, buffers: BindGroup): void {
    const memory = new DeviceMemory();
    for (const buffer of new Set(buffers.values())) {
      memory.create(buffer, buffer.size, new Uint8Array(buffer.bytes));
    }
    memory.submit([{ kind: "dispatch", launch }]);
    for (const buffer of new Set(buffers.values())) {
      const bytes = wholeWords(buffer);
      new Uint8Array(buffer.bytes).set(memory.read(buffer, 0, bytes));
    }
  }
}

function wholeWords({ size }: ComputingBuffer): number {
  return Math.floor(size / 4) * 4;
}

function launchOf(
  source: string,
  buffers: BindGroup,
  workgroups: readonly [number, number, number],
): ShaderLaunch {
  const bindings = [...buffers].map(([binding, buffer]) => ({
    ...{ group: 0, binding, buffer, offset: 0, bytes: wholeWords(buffer) },
  }));
  return { source, workgroups, bindings };
}

function informedCounts(launch: ShaderLaunch): DispatchWork {
  const counted = countLaunch(launch, ({ buffer, bytes }) =>
    buffer instanceof ComputingBuffer ? new Uint8Array(buffer.bytes, 0, bytes) : undefined,
  );
  if (isProblem(counted)) throw new Error(counted.reason);
  return counted;
}
