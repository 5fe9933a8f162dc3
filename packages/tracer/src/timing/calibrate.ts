import { median, OpcounterError } from "@opcounter/ir/core";
import type * as tfjs from "@tensorflow/tfjs-core";
import type { Device } from "../devices/device.ts";
import { withBackend } from "../session/session.ts";
import { type MeasuredRate, measureRate, noTime, timed, type Work } from "./measure.ts";
import { productSizes, productWork, rowsOf, withPackedProducts } from "./product-work.ts";
import { copySizes, expSizes, fmaSizes, integerSizes, smallDispatches } from "./shader-work.ts";
import { measureReadbacks, measureUploads, type TransferTime } from "./transfers.ts";

/** What was measured on a device. It is a specification of the device, and more. */
export interface Calibration {
  /** What the adapter says of itself. */
  readonly name: string;
  /** Float32 operations per second: the highest median of the arithmetic rates. */
  readonly flops: number;
  /** Bytes per second from and to memory. */
  readonly bandwidth: number;
  /** Exponentials per second. */
  readonly transcendentals: number;
  /** Operations on 32-bit integers per second; a product and a sum are two. */
  readonly integers: number;
  /** Float32 operations per second of a matrix product that launches one workgroup. */
  readonly workgroupFlops: number;
  /** The time of a dispatch that does next to nothing, on a busy device, in nanoseconds. */
  readonly launchNs: number;
  /** The same after the device has idled for seconds, and how many times as long arithmetic takes. */
  readonly idle: { readonly launchNs: number; readonly slowdown: number };
  readonly rates: readonly MeasuredRate[];
  /** The rate of a matrix product by the workgroups that it launches. */
  readonly byWorkgroups: readonly WorkgroupRate[];
  readonly uploads: readonly TransferTime[];
  readonly readbacks: readonly TransferTime[];
}

export interface WorkgroupRate {
  readonly workgroups: number;
  /** Operations per second, the launch left out. */
  readonly flops: number;
}

/**
 * Measures what a device can do at most: the rates of float32 arithmetic, of exponentials, of
 * integers and of memory, the rate of a matrix product that launches few workgroups, and the times of
 * a dispatch that does next to nothing, of uploads and of readbacks.
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
    const product = await measureRate(
      "matrix product (tfjs)",
      "FLOP/s",
      productSizes(tf, device),
      device,
    );
    const fma = await measureRate("fused multiply-adds", "FLOP/s", fmaSizes(gpu), device);
    const exp = await measureRate("exponentials", "op/s", expSizes(gpu), device);
    const integers = await measureRate("integer multiply-adds", "op/s", integerSizes(gpu), device);
    const copy = await measureRate("copy", "B/s", copySizes(gpu), device);
    const small = smallDispatches(gpu, SMALL_DISPATCHES);
    const launchNs = (await medianOf(device, small, LAUNCH)) / SMALL_DISPATCHES;
    small.dispose();
    const few = await withPackedProducts(tf, () => fewWorkgroups(tf, device, launchNs));
    return {
      name: device.description || device.name,
      flops: Math.max(product.median, fma.median),
      bandwidth: copy.median,
      transcendentals: exp.median,
      integers: integers.median,
      workgroupFlops: few.single,
      launchNs,
      idle: few.idle,
      rates: [product, fma, exp, integers, copy],
      byWorkgroups: few.byWorkgroups,
      uploads: await measureUploads(gpu),
      readbacks: await measureReadbacks(gpu),
    };
  });
}

const RUNS = 5;
/** So many dispatches in a row keep the device busy, and are long enough for a coarse clock. */
const SMALL_DISPATCHES = 256;

/**
 * How long the device is left alone before a time that tells of an idle device. An H100 that works
 * for less than a fifth of the time lowers its clock after 1 to 2 s, from 1,980 to 345 MHz.
 */
const PAUSE_MS = 3000;

/** The square roots of how many workgroups are tried. */
const SIDES = [2, 4, 8, 16, 32];
const INNER = 2 ** 10;
/** Where a product takes this long, more workgroups are not tried. */
const ENOUGH_NS = 5e7;

interface FewWorkgroups {
  /** Operations per second of a product that launches a single workgroup. */
  readonly single: number;
  readonly byWorkgroups: readonly WorkgroupRate[];
  readonly idle: Calibration["idle"];
}

/** What a matrix product of few workgroups reaches, and what an idle device needs for one. */
async function fewWorkgroups(
  tf: typeof tfjs,
  device: Device,
  launchNs: number,
): Promise<FewWorkgroups> {
  const { work: one, ns: oneNs } = await singleWorkgroup(tf, device, launchNs);
  const single = rateOf(one, oneNs, launchNs);
  const byWorkgroups = [{ workgroups: 1, flops: single }];
  for (const side of SIDES) {
    const work = productWork(tf, device, rowsOf(side), INNER);
    const ns = await medianOf(device, work, PRODUCT);
    work.dispose();
    byWorkgroups.push({ workgroups: side * side, flops: rateOf(work, ns, launchNs) });
    if (ns > ENOUGH_NS) break;
  }
  const idle = await idleDevice(device, one, { launchNs, productNs: oneNs });
  one.dispose();
  return { single, byWorkgroups, idle };
}

/** The terms of each sum, so many that a product of one workgroup takes far longer than a launch. */
const INNERS = [2 ** 10, 2 ** 12, 2 ** 14];
const FAR_LONGER = 100;

/** A product of a single workgroup, and its time on a busy device. */
async function singleWorkgroup(tf: typeof tfjs, device: Device, launchNs: number) {
  for (const inner of INNERS) {
    const work = productWork(tf, device, rowsOf(1), inner);
    const ns = await medianOf(device, work, PRODUCT);
    if (ns > FAR_LONGER * launchNs || inner === INNERS.at(-1)) return { work, ns };
    work.dispose();
  }
  throw new Error("no product was measured");
}

/** The same on a device that has idled. So little work does not wake it. */
async function idleDevice(
  device: Device,
  product: Work,
  busy: { readonly launchNs: number; readonly productNs: number },
): Promise<Calibration["idle"]> {
  const small = smallDispatches(device.backend.device, 1);
  await timed(device, small, 1);
  await new Promise((done) => setTimeout(done, PAUSE_MS));
  const launches = await timed(device, small, RUNS);
  const products = await timed(device, product, RUNS);
  small.dispose();
  // A clock too coarse for one dispatch shows no time for some.
  const launchNs = launches.length === RUNS ? median(launches) : 0;
  const productNs = products.length === RUNS ? median(products) : 0;
  return {
    launchNs: Math.max(busy.launchNs, launchNs),
    slowdown: Math.max(1, productNs / busy.productNs),
  };
}

const LAUNCH = "a dispatch that does next to nothing";
const PRODUCT = "a product of few workgroups";

/** Operations per second without the launch, which is taken for half of the time at most. */
function rateOf({ amount }: Work, ns: number, launchNs: number): number {
  return (1e9 * amount) / Math.max(ns - launchNs, ns / 2);
}

/** The median time of some work after a first run, in nanoseconds. */
async function medianOf(device: Device, work: Work, name: string): Promise<number> {
  await timed(device, work, 1);
  const times = await timed(device, work, RUNS);
  if (times.length === 0) throw noTime(device, name);
  return median(times);
}
