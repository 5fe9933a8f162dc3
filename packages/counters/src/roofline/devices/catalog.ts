import type { DeviceSpec } from "../device-spec.ts";
import { h100 } from "./h100.ts";

/** Devices whose figures ship with opcounter, by the name that `--device-spec` takes. */
export const DEVICE_SPECS: Readonly<Record<string, DeviceSpec>> = {
  h100,
  "rtx-3060": {
    name: "NVIDIA GeForce RTX 3060",
    source:
      "NVIDIA's specifications: 3,584 cores at 1.78 GHz, each a multiply-add per clock; 15 Gbit/s GDDR6 on 192 bits",
    flops: 12.8e12,
    bandwidth: 360e9,
  },
  "iris-xe": {
    name: "Intel Iris Xe Graphics (Core i7-1185G7)",
    source:
      "Intel's specifications: 96 execution units at 1.35 GHz, each 8 multiply-adds per clock; LPDDR4x-4267 on 128 bits",
    flops: 2.07e12,
    bandwidth: 68.3e9,
  },
  "apple-m1": {
    name: "Apple M1, 8 GPU cores",
    source:
      "Apple's announcements: 2.6 teraflops (10 November 2020); M2's 100 GB/s are half as much again (6 June 2022)",
    flops: 2.6e12,
    bandwidth: 66.7e9,
  },
  "mali-g78": {
    name: "Arm Mali-G78 MP20, as in Google's Pixel 6",
    source:
      "Arm's GPU datasheet: 64 float32 operations per clock and core; 20 cores at 848 MHz, the highest clock in Google's kernel sources; LPDDR5-6400 on 64 bits",
    flops: 1.09e12,
    bandwidth: 51.2e9,
  },
};
