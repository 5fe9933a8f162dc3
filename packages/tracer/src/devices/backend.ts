import { OpcounterError, sizeOf } from "@opcounter/ir/core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { BackendValues, DataType, KernelBackend } from "@tensorflow/tfjs-core";
import { partOf } from "../tfjs/complex.ts";
import { type DataId, engine } from "../tfjs/engine.ts";
import { hasFree } from "./empty-device.ts";
import { FLAGS } from "./globals.ts";

/** The class of tfjs's WebGPU backend, of whichever copy of tfjs the program has. */
export type WebGPUBackendClass = typeof WebGPUBackend;

/** The tfjs WebGPU backend on a device that opcounter opened. */
export interface OwnedBackend extends WebGPUBackend {
  /** The data on it. What outlives a recording is handed over to another backend. */
  readonly resident: ReadonlySet<DataId>;
  /** Told of data that is read and that only the device has. */
  readListener: ReadListener | undefined;
  /** The values of this data where the host has them. Does not ask the device. */
  hostValues(dataId: DataId): BackendValues | undefined;
  /** The values of this data, read back from the device if need be; undefined where none exist. */
  knownValues(dataId: DataId): Promise<BackendValues | undefined>;
}

/**
 * An object and no function, since V8 keeps a function that is set as a property of an old object,
 * and with it the whole recording, until it collects old garbage.
 */
export interface ReadListener {
  dataRead(dataId: DataId): void;
}

/** Gives the values that a shader should have computed, while a program is traced. */
export interface ValueSource {
  /** Loads what `valuesOf` needs. Called before asynchronous reads only. */
  load(): Promise<void>;
  /** Whether the graph has a value for this data. */
  knows(dataId: DataId): boolean;
  /**
   * The true values of this data.
   *
   * @throws OpcounterError "value-unreadable", "value-unknown" or "value-uncomputable".
   */
  valuesOf(dataId: DataId): BackendValues;
}

/**
 * The backend on the virtual device. It knows the values that came from the host, and never copies
 * them: an upload only makes the buffer. It does not know a value that a shader should have
 * computed. A read of such a value asks the value source. Without a source it gives the marks of
 * `unknownValues`.
 */
export interface VirtualBackend extends OwnedBackend {
  valueSource: ValueSource | undefined;
  /** Sets the values of this data. */
  giveValues(dataId: DataId, values: BackendValues): void;
  /**
   * Takes over data of another device without its values. Reading all values would take long, and
   * few programs look at them.
   */
  borrow(dataId: DataId, owner: KernelBackend, type: BorrowedType): void;
  /** Fetches the values of all borrowed data from their owners. */
  fetchBorrowed(): Promise<void>;
  /** Fetches the values of borrowed data synchronously; undefined for data that is not borrowed. */
  fetchBorrowedSync(dataId: DataId): BackendValues | undefined;
}

/** The type of borrowed data, and how many tensors share it. */
export interface BorrowedType {
  readonly shape: number[];
  readonly dtype: DataType;
  readonly refCount: number;
}

/** opcounter's two backends. They extend the backend class of one copy of tfjs. */
export interface OwnBackends {
  readonly Owned: new (...args: ConstructorParameters<WebGPUBackendClass>) => OwnedBackend;
  readonly Virtual: new (...args: ConstructorParameters<WebGPUBackendClass>) => VirtualBackend;
}

const made = new WeakMap<WebGPUBackendClass, OwnBackends>();

/** opcounter's backends for a copy of tfjs. They are made once per copy. */
export function ownBackends(Base: WebGPUBackendClass): OwnBackends {
  let backends = made.get(Base);
  if (backends === undefined) {
    const Owned = ownedBackend(Base);
    backends = { Owned, Virtual: virtualBackend(Owned) };
    made.set(Base, backends);
  }
  return backends;
}

/** Whether a backend is one of opcounter's, for any copy of tfjs. */
export function isOwned(backend: object): backend is OwnedBackend {
  return "resident" in backend && "knownValues" in backend;
}

/** Whether a backend is the one on the virtual device, for any copy of tfjs. */
export function isVirtual(backend: object): backend is VirtualBackend {
  return "valueSource" in backend;
}

/** Ends the backend's open command encoder, and submits what it holds. */
export function flush(backend: WebGPUBackend): void {
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
}

function ownedBackend(Base: WebGPUBackendClass) {
  return class OwnedWebGPUBackend extends Base implements OwnedBackend {
    readonly resident = new Set<DataId>();
    readListener: ReadListener | undefined;

    override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
      const dataId = super.write(values, shape, dtype);
      this.resident.add(dataId);
      return dataId;
    }

    override move(
      dataId: DataId,
      values: BackendValues,
      shape: number[],
      dtype: DataType,
      refCount: number,
    ): void {
      super.move(dataId, values, shape, dtype, refCount);
      this.resident.add(dataId);
    }

    override disposeData(dataId: DataId, force = false): boolean {
      const released = super.disposeData(dataId, force);
      if (released) this.resident.delete(dataId);
      return released;
    }

    override readSync(dataId: object): BackendValues {
      this.tellOfRead(dataId);
      return super.readSync(dataId);
    }

    override async read(dataId: object): Promise<BackendValues> {
      this.tellOfRead(dataId);
      return this.holding(dataId, () => super.read(dataId));
    }

    /**
     * Keeps data alive while it is read. tfjs stores the values in it after the read, and the
     * program may dispose of it before.
     */
    async holding<T>(dataId: DataId, reading: () => Promise<T>): Promise<T> {
      if (!this.tensorMap.has(dataId)) return reading();
      this.incRef(dataId);
      try {
        return await reading();
      } finally {
        // tfjs's WebGL backend, too, tells the engine when it drops the last reference.
        const isLast = this.tensorMap.has(dataId) && this.disposeData(dataId);
        if (isLast) engine().removeDataId(dataId, this);
      }
    }

    tellOfRead(dataId: DataId): void {
      if (this.readListener === undefined || !this.tensorMap.has(dataId)) return;
      const { values, resource } = this.tensorMap.get(dataId);
      if (values == null && resource != null) this.readListener.dataRead(dataId);
    }

    hostValues(dataId: DataId): BackendValues | undefined {
      if (!this.tensorMap.has(dataId)) return undefined;
      return this.tensorMap.get(dataId).values ?? undefined;
    }

    async knownValues(dataId: DataId): Promise<BackendValues | undefined> {
      return this.read(dataId);
    }
  };
}

const NO_VALUES = new Float32Array();
/** How tfjs uses the buffers of tensors, and how many bytes an element takes in them. */
const { STORAGE, COPY_SRC, COPY_DST } = FLAGS.GPUBufferUsage;
const USAGE = STORAGE | COPY_SRC | COPY_DST;
const ELEMENT_BYTES = 4;

function virtualBackend(Owned: ReturnType<typeof ownedBackend>) {
  return class VirtualWebGPUBackend extends Owned implements VirtualBackend {
    valueSource: ValueSource | undefined;
    /** By real or imaginary part of complex data that was read: the whole, and which part it is. */
    readonly #wholes = new WeakMap<DataId, { readonly dataId: DataId; readonly part: 0 | 1 }>();

    /** The owners of borrowed data whose values were not fetched yet. */
    readonly #owners = new Map<DataId, KernelBackend>();

    borrow(dataId: DataId, owner: KernelBackend, type: BorrowedType): void {
      this.move(dataId, new Float32Array(), type.shape, type.dtype, type.refCount);
      Object.assign(this.tensorMap.get(dataId), { values: null });
      this.#owners.set(dataId, owner);
      this.uploadToGPU(dataId);
    }

    async fetchBorrowed(): Promise<void> {
      for (const [dataId, owner] of this.#owners) {
        this.giveValues(dataId, await owner.read(dataId));
      }
    }

    fetchBorrowedSync(dataId: DataId): BackendValues | undefined {
      const values = this.#owners.get(dataId)?.readSync(dataId);
      if (values !== undefined) this.giveValues(dataId, values);
      return values;
    }

    override disposeData(dataId: DataId, force = false): boolean {
      const released = super.disposeData(dataId, force);
      if (released) this.#owners.delete(dataId);
      return released;
    }

    override async knownValues(dataId: DataId): Promise<BackendValues | undefined> {
      return this.hostValues(dataId);
    }

    override uploadToGPU(dataId: DataId): void {
      const data = this.tensorMap.get(dataId);
      if (data.resource != null) return;
      const { values, shape } = data;
      // Without values the backend makes the buffer and copies nothing into it. One that it reuses it
      // fills through another, which it makes, also of no values.
      const size = ELEMENT_BYTES * sizeOf(shape);
      const isStaged = values != null && hasFree(this, { size, usage: USAGE });
      Object.assign(data, { values: isStaged ? NO_VALUES : null });
      super.uploadToGPU(dataId);
      Object.assign(data, { values });
    }

    override runWebGPUProgram(
      ...args: Parameters<WebGPUBackend["runWebGPUProgram"]>
    ): ReturnType<WebGPUBackend["runWebGPUProgram"]> {
      const result = super.runWebGPUProgram(...args);
      // The program writes into an existing tensor, so the known values are out of date.
      if (args[4] !== undefined) {
        this.#owners.delete(result.dataId);
        Object.assign(this.tensorMap.get(result.dataId), { values: null });
      }
      return result;
    }

    giveValues(dataId: DataId, values: BackendValues): void {
      this.#owners.delete(dataId);
      Object.assign(this.tensorMap.get(dataId), { values });
    }

    override readSync(dataId: object): BackendValues {
      this.#rememberParts(dataId);
      const data = this.tensorMap.get(dataId);
      if (data.values != null || data.complexTensorInfos != null || data.dtype === "string") {
        return super.readSync(dataId);
      }
      const borrowed = this.fetchBorrowedSync(dataId);
      if (borrowed !== undefined) return borrowed;
      if (this.valueSource === undefined) return unknownValues(data.dtype, data.shape);
      this.tellOfRead(dataId);
      const values = this.#valuesOf(dataId, this.valueSource);
      // A real device submits its queue before it reads, and keeps the values it has read.
      flush(this);
      this.giveValues(dataId, values);
      return values;
    }

    override async read(dataId: object): Promise<BackendValues> {
      this.#rememberParts(dataId);
      const data = this.tensorMap.get(dataId);
      if (this.#owners.has(dataId)) await this.fetchBorrowed();
      const isUnknown = data.values == null && data.complexTensorInfos == null;
      if (this.valueSource === undefined || !isUnknown) return super.read(dataId);
      const source = this.valueSource;
      return this.holding(dataId, async () => {
        await Promise.all([source.load(), this.fetchBorrowed()]);
        const values = this.#valuesOf(dataId, source);
        // Reads through a staging buffer as a real device does. The values are not used.
        await super.read(dataId);
        this.giveValues(dataId, values);
        return values;
      });
    }

    /** tfjs reads complex data part by part, and the graph has no values for the parts. */
    #rememberParts(dataId: DataId): void {
      if (!this.tensorMap.has(dataId)) return;
      const { real, imag } = this.tensorMap.get(dataId).complexTensorInfos ?? {};
      if (real !== undefined) this.#wholes.set(real.dataId, { dataId, part: 0 });
      if (imag !== undefined) this.#wholes.set(imag.dataId, { dataId, part: 1 });
    }

    #valuesOf(dataId: DataId, source: ValueSource): BackendValues {
      const whole = this.#wholes.get(dataId);
      if (whole === undefined || source.knows(dataId)) return source.valuesOf(dataId);
      return partOf(source.valuesOf(whole.dataId), whole.part);
    }
  };
}

/** What a read of an uncomputed tensor gives: NaN, −1 or true. See virtual-device.ts. */
function unknownValues(dtype: DataType, shape: readonly number[]): BackendValues {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  switch (dtype) {
    case "float32":
      return new Float32Array(size).fill(Number.NaN);
    case "int32":
      return new Int32Array(size).fill(-1);
    case "bool":
      return new Uint8Array(size).fill(1);
    default:
      throw new OpcounterError(
        "value-unreadable",
        `The virtual device computes no values, and has no mark for one that is unknown of dtype ${dtype}.`,
      );
  }
}
