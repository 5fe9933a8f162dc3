/**
 * Runs in a page or worker that is somebody else's, before its own scripts: records what they do with
 * WebGPU. `record-gpu-page.ts` asks for it.
 */
import { PageLog, Watcher, writeEntries } from "@opcounter/recorder/watch";
import { labelOfAdapter } from "@opcounter/tracer/webgpu";
import { GPU_RECORDING, type GpuAnswer, type GpuRecording } from "../gpu-recording.ts";

const undo: (() => void)[] = [];
const log = new PageLog((step) => undo.push(step));
const watcher = new Watcher(log);
const { gpu } = navigator;
if (gpu !== undefined) watcher.watch(gpu);

const recording: GpuRecording = {
  settled: () => log.settled(),
  stop: () => {
    watcher.stop();
    for (const step of undo.splice(0).reverse()) step();
    const { adapterInfo, devices, refusals, losses, dropped, entries } = log;
    const submits = entries.filter(({ kind }) => kind === "submit").length;
    const answer: GpuAnswer = {
      ...{ address: location.href, hasGpu: gpu !== undefined, isSecure: isSecureContext },
      ...{ devices, submits, dropped, refusals, losses: [...losses] },
      entries: writeEntries(entries),
      ...(adapterInfo === undefined ? {} : { adapter: labelOfAdapter(adapterInfo).name }),
    };
    return JSON.stringify(answer);
  },
};
Reflect.set(globalThis, Symbol.for(GPU_RECORDING), recording);
