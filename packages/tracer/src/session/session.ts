import { OpcounterError } from "@opcounter/ir/core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { KernelBackend } from "@tensorflow/tfjs-core";
import type { OwnedBackend } from "../devices/backend.ts";
import type { Device } from "../devices/device.ts";
import { own } from "../patches/patch.ts";
import { runAll, takeBack, withUndo } from "../patches/undo.ts";
import { partOf } from "../tfjs/complex.ts";
import { type DataId, type Engine, engine } from "../tfjs/engine.ts";

/** Data of another backend that is on the device during a session. */
interface Borrowed {
  readonly dataId: DataId;
  readonly owner: KernelBackend;
}

/**
 * Runs `body` with tfjs on the given device, and leaves tfjs as it was: the active backend, the
 * backend registered as `webgpu`, and the data of every tensor that existed before. That data keeps
 * its owner, even if the body used it; tfjs itself would move it to the device and drop the
 * original.
 *
 * @throws what the body throws.
 */
export async function withBackend<T>(device: Device, body: () => Promise<T>): Promise<T> {
  const tfEngine = engine();
  if (tfEngine.pendingBackendInit != null) await tfEngine.pendingBackendInit;
  if (tfEngine.backendName === "webgpu" && tfEngine.backendInstance === device.backend) {
    return body();
  }
  const { backend, owned } = device;
  const previous = tfEngine.backendInstance;
  const before = new Set(owned?.resident);
  return withUndo(async (later) => {
    later(await activate(tfEngine, backend));
    if (owned !== undefined && previous != null) {
      later(() => evacuate(tfEngine, owned, before, previous));
    }
    later(lendData(tfEngine, device));
    return body();
  });
}

/** Makes the backend the active one of tfjs. Returns what undoes that. */
async function activate(tfEngine: Engine, backend: WebGPUBackend): Promise<() => Promise<void>> {
  const { registry, registryFactory } = tfEngine;
  const undo = [
    own(registry, "webgpu", backend),
    own(registryFactory, "webgpu", { factory: () => backend, priority: 3 }),
    own(tfEngine, "backendName", tfEngine.backendName),
    own(tfEngine, "backendInstance", tfEngine.backendInstance),
    keepBackends(tfEngine),
  ];
  await tfEngine.setBackend("webgpu");
  return async () => {
    takeBack(undo);
    const { backendName, backendInstance } = tfEngine;
    // Where tfjs had not chosen a backend yet, it chooses when it first needs one.
    if (backendName != null && backendInstance != null) await tfEngine.setBackend(backendName);
  };
}

/**
 * Refuses to remove the backends that there are: the tensors on them would be lost, and nothing
 * could give them back. Returns what ends that.
 */
function keepBackends(tfEngine: Engine): () => void {
  const { removeBackend } = tfEngine;
  const before = new Set(Reflect.ownKeys(tfEngine.registryFactory));
  return own(tfEngine, "removeBackend", (name: string) => {
    if (!before.has(name)) return removeBackend.call(tfEngine, name);
    throw new OpcounterError(
      "program-unsupported",
      `The traced program removes the backend "${name}", and with it the tensors on it`,
      { remedy: "remove its tf.removeBackend() call" },
    );
  });
}

/**
 * Lends data of other backends to `backend` when it is used. Its owner keeps a copy. Returns what
 * ends that: each piece of data goes back to its owner, which then counts the references it has.
 */
function lendData(tfEngine: Engine, { backend, virtual }: Device): () => void {
  const borrowed: Borrowed[] = [];
  const moveData = tfEngine.moveData;
  const lending: typeof moveData = (target, dataId) => {
    const record = tfEngine.state.tensorInfo.get(dataId);
    if (target !== backend || record === undefined) {
      moveData.call(tfEngine, target, dataId);
      return;
    }
    const { backend: owner, shape, dtype } = record;
    const refCount = owner.refCount(dataId);
    if (virtual !== undefined && dtype !== "complex64" && isOnlyOnDevice(owner, dataId)) {
      virtual.borrow(dataId, owner, { shape, dtype, refCount });
    } else if (dtype === "complex64") {
      const values = owner.readSync(dataId);
      // The WebGPU backend keeps complex numbers as two tensors, and cannot take them over as one.
      const part = (place: 0 | 1) =>
        backend.makeTensorInfo(shape, "float32", partOf(values, place));
      const complexTensorInfos = { real: part(0), imag: part(1) };
      backend.tensorMap.set(dataId, { dtype, shape, values, refCount, complexTensorInfos });
    } else {
      backend.move(dataId, owner.readSync(dataId), shape, dtype, refCount);
    }
    record.backend = backend;
    borrowed.push({ dataId, owner });
  };
  const stopLending = own(tfEngine, "moveData", lending);
  return () => {
    stopLending();
    runAll(
      borrowed.map(
        ({ dataId, owner }) =>
          () =>
            giveBack(tfEngine, backend, owner, dataId),
      ),
    );
  };
}

/** Whether tfjs's WebGPU or WebGL backend would have to read this data from its device. */
function isOnlyOnDevice(owner: KernelBackend, dataId: DataId): boolean {
  const storage: unknown = Reflect.get(owner, "tensorMap") ?? Reflect.get(owner, "texData");
  if (typeof storage !== "object" || storage === null || !("get" in storage)) return false;
  const { get } = storage;
  const data: unknown = typeof get === "function" ? get.call(storage, dataId) : undefined;
  return typeof data === "object" && data !== null && Reflect.get(data, "values") == null;
}

function giveBack(
  tfEngine: Engine,
  backend: WebGPUBackend,
  owner: KernelBackend,
  dataId: DataId,
): void {
  const record = tfEngine.state.tensorInfo.get(dataId);
  if (record === undefined || record.backend !== backend) {
    // The session disposed of it, so the owner's copy goes too.
    owner.disposeData(dataId, true);
    return;
  }
  const references = backend.refCount(dataId);
  const { complexTensorInfos } = backend.tensorMap.get(dataId);
  backend.disposeData(dataId, true);
  // If the program had tensors of the parts, tfjs still has records of them.
  for (const part of Object.values(complexTensorInfos ?? {})) {
    if (!backend.tensorMap.has(part.dataId)) tfEngine.removeDataId(part.dataId, backend);
  }
  record.backend = owner;
  while (owner.refCount(dataId) < references) owner.incRef(dataId);
  while (owner.refCount(dataId) > references) releaseOne(owner, dataId);
}

/** Drops one reference. The caller keeps the last one, or the data would go. */
function releaseOne(owner: KernelBackend, dataId: DataId): void {
  const decRef: unknown = Reflect.get(owner, "decRef");
  if (typeof decRef === "function") decRef.call(owner, dataId);
  else owner.disposeData(dataId);
}

/**
 * Hands data that was made on the device and outlives the session to the backend that was active
 * before. A variable that a layer made when it was first called is an example. Data that a virtual
 * device never computed stays there, since it has no values.
 */
async function evacuate(
  tfEngine: Engine,
  backend: OwnedBackend,
  before: ReadonlySet<DataId>,
  target: KernelBackend,
): Promise<void> {
  const handOver = async (dataId: DataId) => {
    const record = tfEngine.state.tensorInfo.get(dataId);
    if (before.has(dataId) || record?.backend !== backend) return;
    // No backend can take over complex numbers. They stay readable where they are.
    if (record.dtype === "complex64") return;
    const values = await backend.knownValues(dataId);
    if (values === undefined) return;
    target.move(dataId, values, record.shape, record.dtype, backend.refCount(dataId));
    record.backend = target;
    backend.disposeData(dataId, true);
  };
  await withUndo(async (later) => {
    for (const dataId of backend.resident) later(() => handOver(dataId));
  });
}
