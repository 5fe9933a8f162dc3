import type { DeviceSpec } from "../device-spec.ts";
import { H100_PROGRAMS } from "./h100-programs.ts";

/**
 * An H100 as measured. Its launches, rates and programs are those of five models of the zoo, whose
 * times the tests have; `fitPrograms` gives the programs and the slowdown.
 */
export const h100: DeviceSpec = {
  name: "NVIDIA H100 80GB",
  source:
    "measured in November 2026: Vulkan, Dawn 0.6.2, TensorFlow.js 4.22.0; transcendentals by NVIDIA's CUDA programming guide, 16 per clock on each of 132 multiprocessors at 1.98 GHz",
  flops: 61.9e12,
  bandwidth: 2.41e12,
  transcendentals: 4.18e12,
  // resnet50's products of 16 and more workgroups take 40 ns for each of the 1,024 multiply-adds
  // that a workgroup does side by side.
  workgroupFlops: 51.2e9,
  launchNs: 8600,
  ...H100_PROGRAMS,
};
