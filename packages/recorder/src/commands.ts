import type { Extent, WebGpuLimits } from "@opcounter/ir/core";

/** A device that the program was given. */
export interface DeviceFacts {
  readonly label: string;
  /** Its limits, where it does not hold a program to them itself: the virtual device does not. */
  readonly limits: WebGpuLimits | undefined;
}

/** A buffer that the program made. Each is one object, however often it is bound. */
export interface BufferFacts {
  /** The number of the buffer, from 0 in order of creation. */
  readonly id: number;
  /** May be given after the buffer was made. */
  label: string;
  readonly size: number;
  readonly usage: number;
  readonly device: DeviceFacts;
  /** The program's own object, to name it elsewhere; a `WeakRef` of it for who does not hold it. */
  readonly object: object;
}

/** Bytes of a buffer. */
export interface BufferRange {
  readonly buffer: BufferFacts;
  readonly offset: number;
  readonly bytes: number;
}

/** A buffer that a shader sees. */
export interface BoundBuffer extends BufferRange {
  readonly group: number;
  readonly binding: number;
}

/** A compute pipeline, as it was made. */
export interface PipelineFacts {
  readonly label: string;
  readonly moduleLabel: string;
  /** The shader's WGSL; "" for a pipeline that was made before anything was watched. */
  readonly source: string;
  /** The hash of the source; see `shaderHash`. */
  readonly shader: string;
  /** Absent where the module has one entry point, which need not be named. */
  readonly entryPoint?: string;
  /** Values of `override` constants, by name or number. */
  readonly constants: Readonly<Record<string, number>>;
}

/** Labels of encoder and pass, and debug groups, outermost first. */
export type Scope = readonly string[];

/** A command that a queue ran. */
export type Command = { readonly scope: Scope } & (
  | {
      readonly kind: "dispatch";
      readonly pipeline: PipelineFacts;
      readonly bindings: readonly BoundBuffer[];
      /** How many textures and samplers are bound beside the buffers. */
      readonly textures: number;
      /** The buffer that holds the workgroups of an indirect dispatch. */
      readonly workgroups: Extent | BufferRange;
    }
  | { readonly kind: "copy"; readonly from: BufferRange; readonly to: BufferRange }
  | { readonly kind: "clear"; readonly to: BufferRange }
  /** Anything else, by the name of its method: `draw`, `copyBufferToTexture`. */
  | {
      readonly kind: "other";
      readonly name: string;
      /** What it is drawn with; "" for what is no draw. */
      readonly pipeline: string;
      readonly reads: readonly BufferRange[];
      readonly writes: readonly BufferRange[];
    }
);

/** What a program did with WebGPU, in order. */
export type Entry =
  | { readonly kind: "create"; readonly buffer: BufferFacts }
  | { readonly kind: "destroy"; readonly buffer: BufferFacts }
  /** Was there before, with these bytes where they are known. */
  | { readonly kind: "held"; readonly buffer: BufferFacts; readonly data: Uint8Array | undefined }
  | { readonly kind: "compile"; readonly pipeline: PipelineFacts }
  /** Bytes that the program gave; without them where there were too many to keep. */
  | { readonly kind: "write"; readonly to: BufferRange; readonly data: Uint8Array | undefined }
  /** What goes to a texture has no buffer. */
  | { readonly kind: "upload"; readonly name: string; readonly bytes: number }
  | {
      readonly kind: "submit";
      readonly device: DeviceFacts;
      readonly commands: readonly Command[];
    }
  /** The program has mapped a buffer, and may look at these bytes. */
  | { readonly kind: "read"; readonly from: BufferRange };

/** Hears what a program does with WebGPU, as it happens. */
export interface Listener {
  /** Of a write that is longer, the bytes are not kept. */
  readonly mostBytes: number;
  /** Whether the program's buffers are held, so that they cannot be collected. */
  readonly holdsBuffers: boolean;
  entry(entry: Entry): void;
  /** An adapter answered. */
  adapter(info: GPUAdapterInfo): void;
  /** A device was given to the program. */
  device(device: GPUDevice): DeviceFacts;
  /** Work that the program waits for. */
  pending(work: Promise<unknown>): void;
}
