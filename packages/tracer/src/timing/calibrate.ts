import { OpcounterError } from "@opcounter/ir/core";
import type * as tfjs from "@tensorflow/tfjs-core";
import { flush } from "../devices/backend.ts";
import type { Device } from "../devices/device.ts";
import { Timestamps } from "../devices/timestamps.ts";
import { withBackend } from "../session/session.ts";
import { quartiles } from "./statistics.ts";

/** A measured rate, in operations or bytes per second. */
export interface MeasuredRate {
  readonly name: string;
  readonly unit: "FLOP/s" | "B/s";
  /** The median and the quartiles over the runs. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly runs: number;
}

/** The highest rates that were measured on a device. */
export interface Calibration {
  readonly adapter: string;
  /** Float32 operations per second: the highest median of the arithmetic rates. */
  readonly flops: number;
  /** Bytes per second from and to memory. */
  readonly bandwidth: number;
  readonly rates: readonly MeasuredRate[];
}

/** Work is made larger until it takes this long, so that the device's clock is fine enough. */
const LONG_ENOUGH_NS = 20e6;
const RUNS = 11;

/** Work of one size. */
interface Work {
  /** Operations or bytes. */
  readonly amount: number;
  /** Runs one or more dispatches, each in a compute pass that writes its timestamps. */
  run(timestamps: Timestamps): void;
  dispose(): void;
}

/**
 * Measures the peak float32 rate of a device by tfjs's matrix product and by loops of fused
 * multiply-adds, and the bandwidth of its memory by a copy.
 *
 * @throws OpcounterError "device-unsuited" where the device computes nothing, or has no clock.
 */
export async function calibrate(device: Device): Promise<Calibration> {
  const gpu = device.backend.device;
  if (device.virtual !== undefined || !gpu.features.has("timestamp-query")) {
    const why = device.virtual === undefined ? "offers no timestamp queries" : "computes nothing";
    throw new OpcounterError(
      "device-unsuited",
      `Device "${device.name}" ${why}, so there is nothing to measure`,
      { remedy: 'use { device: "gpu" } or { device: "software" }' },
    );
  }
  const tf = await import("@tensorflow/tfjs-core");
  return withBackend(device, async () => {
    const rates = [
      await measure("matrix product (tfjs)", "FLOP/s", matmulSizes(tf, device), device),
      await measure("fused multiply-adds", "FLOP/s", fmaSizes(gpu), device),
      await measure("copy", "B/s", copySizes(gpu), device),
    ];
    const best = (unit: MeasuredRate["unit"]) =>
      Math.max(...rates.filter((rate) => rate.unit === unit).map(({ median }) => median));
    return {
      adapter: device.description || device.name,
      flops: best("FLOP/s"),
      bandwidth: best("B/s"),
      rates,
    };
  });
}

async function measure(
  name: string,
  unit: MeasuredRate["unit"],
  sizes: Iterable<() => Work>,
  device: Device,
): Promise<MeasuredRate> {
  let rates: number[] = [];
  for (const make of sizes) {
    const work = make();
    try {
      const first = await timed(device, work, 2);
      const enough = Math.min(...first) >= LONG_ENOUGH_NS;
      rates = (await timed(device, work, enough ? RUNS : 3)).map((ns) => (1e9 * work.amount) / ns);
      if (enough) break;
    } finally {
      work.dispose();
    }
  }
  if (rates.length === 0) {
    throw new OpcounterError(
      "device-unsuited",
      `The clock of device "${device.name}" shows no time for the work "${name}", so there is nothing to measure.`,
    );
  }
  return { name, unit, ...quartiles(rates), runs: rates.length };
}

/** How long each run took on the device, in nanoseconds. Runs without a time are left out. */
async function timed(device: Device, work: Work, runs: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const timestamps = new Timestamps(device.backend.device);
    try {
      work.run(timestamps);
      const total = (await timestamps.read()).reduce((sum, ns) => sum + ns, 0);
      if (total > 0) times.push(total);
    } finally {
      timestamps.destroy();
    }
  }
  return times;
}

/** Square matrix products, by the kernel that models run. */
function* matmulSizes(tf: typeof tfjs, { backend, recorder }: Device): Generator<() => Work> {
  for (let n = 256; n <= 8192; n *= 2) {
    yield () => {
      const [a, b] = [tf.fill<tfjs.Rank.R2>([n, n], 0.5), tf.fill<tfjs.Rank.R2>([n, n], 0.25)];
      return {
        amount: 2 * n ** 3,
        run(timestamps) {
          recorder.start(timestamps);
          tf.matMul(a, b).dispose();
          flush(backend);
          recorder.stop();
        },
        dispose: () => tf.dispose([a, b]),
      };
    };
  }
}

const WORKGROUP = 64;
/** How many multiply-adds of four numbers one invocation of the loop does. */
const STEPS = 1024;

const FMA_SHADER = `
@group(0) @binding(0) var<storage, read_write> result : array<vec4<f32>>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3<u32>) {
  let factor = vec4<f32>(0.999, 0.998, 0.997, 0.996);
  let start = f32(id.x) * 1e-6;
  var a = vec4<f32>(start);
  var b = vec4<f32>(start + 0.25);
  var c = vec4<f32>(start + 0.5);
  var d = vec4<f32>(start + 0.75);
  for (var i = 0u; i < ${STEPS / 4}u; i++) {
    a = fma(a, factor, b);
    b = fma(b, factor, c);
    c = fma(c, factor, d);
    d = fma(d, factor, a);
  }
  result[id.x] = a + b + c + d;
}`;

/** Loops of multiply-adds that need no memory. */
function* fmaSizes(gpu: GPUDevice): Generator<() => Work> {
  for (let workgroups = 64; workgroups <= 32_768; workgroups *= 2) {
    yield () => {
      const invocations = workgroups * WORKGROUP;
      const result = storage(gpu, 16 * invocations);
      const amount = invocations * STEPS * 4 * 2;
      return dispatchWork(gpu, FMA_SHADER, [result], workgroups, amount);
    };
  }
}

/** How many bytes one invocation of the copy reads, and writes. */
const COPY_BYTES = 16;

const COPY_SHADER = `
@group(0) @binding(0) var<storage, read_write> to : array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> from_ : array<vec4<f32>>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3<u32>,
        @builtin(num_workgroups) groups : vec3<u32>) {
  let i = id.x + id.y * groups.x * ${WORKGROUP}u;
  to[i] = from_[i];
}`;

/** Copies of growing buffers, which no cache can hold in the end. */
function* copySizes(gpu: GPUDevice): Generator<() => Work> {
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.limits;
  const most = Math.min(maxBufferSize, maxStorageBufferBindingSize, 2 ** 30);
  for (let bytes = 2 ** 24; bytes <= most; bytes *= 2) {
    yield () => {
      const buffers = [storage(gpu, bytes), storage(gpu, bytes)];
      const workgroups = bytes / COPY_BYTES / WORKGROUP;
      return dispatchWork(gpu, COPY_SHADER, buffers, workgroups, 2 * bytes);
    };
  }
}

function dispatchWork(
  gpu: GPUDevice,
  code: string,
  buffers: readonly GPUBuffer[],
  workgroups: number,
  amount: number,
): Work {
  const module = gpu.createShaderModule({ code });
  const pipeline = gpu.createComputePipeline({ layout: "auto", compute: { module } });
  const group = gpu.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const columns = Math.min(workgroups, gpu.limits.maxComputeWorkgroupsPerDimension & ~1023);
  return {
    amount,
    run(timestamps) {
      const encoder = gpu.createCommandEncoder();
      const pass = encoder.beginComputePass({ timestampWrites: timestamps.next() });
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(columns, Math.ceil(workgroups / columns));
      pass.end();
      gpu.queue.submit([encoder.finish()]);
    },
    dispose() {
      for (const buffer of buffers) buffer.destroy();
    },
  };
}

function storage(gpu: GPUDevice, size: number): GPUBuffer {
  return gpu.createBuffer({ size, usage: GPUBufferUsage.STORAGE });
}
