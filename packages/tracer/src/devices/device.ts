import { namesToChoose, OpcounterError, reasonOf, type WebGpuLimits } from "@opcounter/ir/core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { host } from "#host";
import { orAbort } from "../session/abort.ts";
import { engineIfLoaded } from "../tfjs/engine.ts";
import { isSoftware, labelOfAdapter, NEEDS_NONE } from "./adapters.ts";
import { isOwned, type OwnedBackend, ownBackends, type VirtualBackend } from "./backend.ts";
import { webgpuBackendClass } from "./backend-class.ts";
import { DeviceRecorder } from "./device-recorder.ts";
import { installGlobals, removeGlobals, withNavigatorGpu } from "./globals.ts";
import { ADAPTER_LIMITS } from "./limits.ts";
import { createVirtualDevice } from "./virtual-device.ts";

/**
 * The devices a user can ask for. `auto` is `virtual`, which counts everything and faster than a
 * GPU; only where time is to be measured it is `gpu`, if the adapter is hardware.
 */
export const DEVICE_NAMES = ["auto", "virtual", "gpu", "software"] as const;
export type DeviceName = (typeof DEVICE_NAMES)[number];

/** A device that is open, with the tfjs backend on it and its recorder. */
export interface Device {
  readonly name: "virtual" | "gpu" | "software";
  readonly backend: WebGPUBackend;
  /** The same backend where opcounter opened the device; undefined for a page's own. */
  readonly owned?: OwnedBackend;
  /** The same backend where it is the virtual device's. */
  readonly virtual?: VirtualBackend;
  readonly recorder: DeviceRecorder;
  /** What the adapter says about itself; empty for the virtual device. */
  readonly description: string;
  /** Aborts when the device is lost or closed, with the error of what runs on it then. */
  readonly lost: AbortSignal;
}

/** The open devices, one per name and limits. A device keeps its pipelines, so it is reused. */
const opened = new Map<string, Promise<Device>>();
/** The keys of those that are being opened. */
const unanswered = new Set<string>();

export interface DeviceOptions {
  /** Limits of the virtual device; `ADAPTER_LIMITS`, those of a desktop GPU, by default. */
  readonly limits?: WebGpuLimits;
  /** Whether time is to be measured on it, for which `auto` takes the GPU; false by default. */
  readonly forTime?: boolean;
  /** Ends the wait for a driver that does not answer. */
  readonly signal?: AbortSignal;
}

/**
 * Opens a device, or returns the one already open.
 *
 * @throws OpcounterError "device-unknown", "device-unavailable" with what to install or to use
 *   instead, "options-conflict" where a real device is given limits, "tfjs-missing"; the signal's
 *   reason where it aborts.
 */
export async function openDevice(
  name: DeviceName = "auto",
  options: DeviceOptions = {},
): Promise<Device> {
  const { signal, ...asked } = options;
  const opening = findDevice(name, asked);
  if (signal === undefined) return opening;
  const forget = () => {
    for (const key of unanswered) opened.delete(key);
  };
  signal.addEventListener("abort", forget);
  return orAbort(opening, signal).finally(() => signal.removeEventListener("abort", forget));
}

async function findDevice(name: DeviceName, options: DeviceOptions): Promise<Device> {
  if (!DEVICE_NAMES.includes(name)) {
    throw new OpcounterError("device-unknown", `There is no device "${name}".`, {
      remedy: namesToChoose(name, DEVICE_NAMES),
    });
  }
  if (name === "auto") return openAutomatically(options);
  if (options.limits !== undefined && name !== "virtual") {
    throw new OpcounterError("options-conflict", `Device "${name}" has the limits of its adapter`, {
      remedy: 'only { device: "virtual" } takes others',
    });
  }
  const pageDevice = name === "gpu" ? await openPageDevice() : undefined;
  if (pageDevice !== undefined) return pageDevice;
  const key = JSON.stringify([name, options.limits]);
  let device = opened.get(key);
  if (device === undefined) {
    unanswered.add(key);
    const opening = open(name, options).finally(() => unanswered.delete(key));
    device = opening;
    opened.set(key, opening);
    const forget = () => {
      if (opened.get(key) === opening) opened.delete(key);
    };
    // A failed attempt is not kept, nor leaves a trace: the user may install what was missing.
    const takeBack = () => {
      forget();
      if (opened.size === 0) removeGlobals();
    };
    opening.then(({ lost }) => lost.addEventListener("abort", forget), takeBack);
  }
  return device;
}

/**
 * Closes the devices of this process. Frees what they hold, and removes what they put into the
 * global scope. Tensors that are left on them are lost.
 */
export async function closeDevices(): Promise<void> {
  const devices = [...opened.values()];
  opened.clear();
  const close = ({ owned }: Device) => {
    owned?.dispose();
    owned?.device.destroy();
  };
  for (const pending of devices) {
    const closed = pending.then(close, () => undefined);
    // One that is still being opened is closed then, if its driver ever answers.
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve))]);
  }
  if (opened.size === 0) removeGlobals();
}

async function open(
  name: Device["name"],
  { limits = ADAPTER_LIMITS }: DeviceOptions,
): Promise<Device> {
  installGlobals();
  const { Owned, Virtual } = ownBackends(await webgpuBackendClass());
  if (name === "virtual") {
    const device = createVirtualDevice(limits);
    const virtual = withNavigatorGpu(() => new Virtual(device));
    const recorder = new DeviceRecorder(virtual, { isOurs: true, limits });
    const lost = lossOf(device);
    return { name, backend: virtual, owned: virtual, virtual, recorder, description: "", lost };
  }
  const { adapter, device } = await opening(name, async () => {
    const { requestAdapter, requestDevice } = await import("./request-adapter.ts");
    const adapter = await requestAdapter(name);
    return { adapter, device: await requestDevice(adapter) };
  });
  const owned = withNavigatorGpu(() => new Owned(device, adapter.info));
  return {
    ...labelOfAdapter(adapter.info),
    backend: owned,
    owned,
    recorder: new DeviceRecorder(owned, { isOurs: true }),
    lost: lossOf(device),
  };
}

/** Aborts when the device is lost. A device that was closed is lost, too. */
function lossOf(device: GPUDevice): AbortSignal {
  const loss = new AbortController();
  void device.lost.then(({ reason, message }) => {
    const why = (message || reason).replace(/\.$/, "");
    loss.abort(
      new OpcounterError("device-lost", `The device was lost: ${why}`, {
        remedy: `try again, or ${NEEDS_NONE}`,
      }),
    );
  });
  return loss.signal;
}

/** Runs a step. What an implementation of WebGPU throws goes into a sentence. */
async function opening<T>(name: Device["name"], step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof OpcounterError) throw error;
    throw new OpcounterError(
      "device-unavailable",
      `Device "${name}" cannot be opened: ${reasonOf(error).replace(/\.$/, "")}`,
      { remedy: NEEDS_NONE, cause: error },
    );
  }
}

/** By a page's backend: one recorder, since it keeps the sources of shaders, and one signal. */
const pageParts = new WeakMap<WebGPUBackend, Pick<Device, "recorder" | "lost">>();

/** The device of the page's own WebGPU backend, where it has one that is running. */
async function openPageDevice(): Promise<Device | undefined> {
  const running = engineIfLoaded()?.registry["webgpu"];
  if (running === undefined || isOwned(running)) return undefined;
  // Sound: the backend registered as `webgpu` is tfjs's.
  const backend = running as WebGPUBackend;
  let parts = pageParts.get(backend);
  if (parts === undefined) {
    const recorder = new DeviceRecorder(backend, { isOurs: false });
    parts = { recorder, lost: lossOf(backend.device) };
    pageParts.set(backend, parts);
  }
  const info = await pageAdapterInfo(backend.device);
  const label =
    info === undefined ? { name: "gpu" as const, description: "" } : labelOfAdapter(info);
  return { ...label, backend, ...parts };
}

/**
 * The adapter of a page's device. Not every browser tells it of a device; then the adapter that
 * tfjs asks for is asked for again.
 */
async function pageAdapterInfo(device: GPUDevice): Promise<GPUAdapterInfo | undefined> {
  const { adapterInfo } = device;
  if (adapterInfo !== undefined) return adapterInfo;
  const adapter = await (await import("./request-adapter.ts")).pageAdapter();
  return adapter?.info;
}

async function openAutomatically(options: DeviceOptions): Promise<Device> {
  const mayBeGpu = options.forTime && options.limits === undefined && host.mayHaveGpu();
  try {
    if (mayBeGpu) {
      const { requestAdapter } = await import("./request-adapter.ts");
      if (!isSoftware((await requestAdapter("gpu")).info)) return await openDevice("gpu");
    }
  } catch {
    // A server usually has no adapter. Whoever measures says that the virtual device has no time.
  }
  return openDevice("virtual", options);
}
