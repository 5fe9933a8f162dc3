import type { DeviceSpec } from "../device-spec.ts";
import { H100_PROGRAMS } from "./h100-programs.ts";

/**
 * An H100 as measured. Its launches, rates and programs are those of five models of the zoo, whose
 * times the tests have; `fitPrograms` gives the programs and the slowdown. What `calibrate` measured
 * on another such card is transcendentals, integers and transfers, the latter as medians of three.
 */
export const h100: DeviceSpec = {
  name: "NVIDIA H100 80GB",
  source:
    "measured in November 2026: NVIDIA H100 80GB HBM3, Vulkan, Dawn 0.6.2, TensorFlow.js 4.22.0",
  flops: 61.9e12,
  bandwidth: 2.41e12,
  transcendentals: 4.07e12,
  integers: 32.6e12,
  // resnet50's products of 16 and more workgroups take 40 ns for each of the 1,024 multiply-adds
  // that a workgroup does side by side.
  workgroupFlops: 51.2e9,
  launchNs: 8600,
  uploads: [
    { bytes: 4096, ms: 0.042 },
    { bytes: 65_536, ms: 0.045 },
    { bytes: 1_048_576, ms: 0.169 },
    { bytes: 16_777_216, ms: 13.2 },
  ],
  readbacks: [
    { bytes: 4096, ms: 0.058 },
    { bytes: 65_536, ms: 0.092 },
    { bytes: 1_048_576, ms: 0.636 },
    { bytes: 16_777_216, ms: 4.27 },
  ],
  ...H100_PROGRAMS,
};
