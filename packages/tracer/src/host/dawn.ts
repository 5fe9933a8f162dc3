import { existsSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { OpcounterError, reasonOf } from "@opcounter/ir/core";
import { importOptional } from "./optional-package.ts";
import { locateSwiftShader, type SwiftShader } from "./swiftshader.ts";

/** What the optional npm package `webgpu` (Dawn for Node) exports. */
interface DawnModule {
  create(options: string[]): GPU;
}

/** The instances are kept, since Dawn stops working when its instance is garbage-collected. */
const instances = new Map<string, GPU>();

/**
 * Dawn's `GPU` object, on the machine's own driver or on SwiftShader.
 *
 * @throws OpcounterError "device-unavailable" where the package `webgpu` or SwiftShader is missing.
 */
export async function openDawn(name: "gpu" | "software"): Promise<GPU> {
  const existing = instances.get(name);
  if (existing !== undefined) return existing;
  const driver = name === "software" ? locateSwiftShader() : undefined;
  const { create } = await loadDawn();
  const gpu = create(FEATURES);
  if (driver !== undefined) await loadDriver(gpu, driver);
  instances.set(name, gpu);
  return gpu;
}

/** Makes Dawn load this driver. Dawn does so when it is first asked for an adapter. */
async function loadDriver(gpu: GPU, { manifest, folder }: SwiftShader): Promise<void> {
  const { env } = process;
  const before = env[DRIVERS];
  env[DRIVERS] = manifest;
  try {
    preloadVulkanLoader(folder);
    await gpu.requestAdapter();
  } finally {
    if (before === undefined) delete env[DRIVERS];
    else env[DRIVERS] = before;
  }
}

/** The environment variable that tells the Vulkan loader which drivers there are. */
const DRIVERS = "VK_ICD_FILENAMES";

/**
 * Browsers coarsen timestamps for privacy, and Dawn rounds them to 65,536 ns. A Node program needs
 * no such protection.
 */
const FEATURES = ["disable-dawn-features=timestamp_quantization"];

/** glibc's RTLD_NODELETE, which Node has no name for: a library stays loaded after it is closed. */
const RTLD_NODELETE = 0x1000;

/**
 * Loads the Vulkan loader from the driver's folder, so that Dawn finds it by name on a system that
 * has none. In a running process a change of `LD_LIBRARY_PATH` comes too late, but a library that
 * is loaded already is found. Node throws, since the loader is no addon, but the loader stays
 * loaded.
 */
function preloadVulkanLoader(folder: string): void {
  const loader = join(folder, "libvulkan.so.1");
  if (process.platform !== "linux" || !existsSync(loader)) return;
  try {
    process.dlopen({ exports: {} }, loader, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch {
    // "Module did not self-register" is expected.
  }
}

async function loadDawn(): Promise<DawnModule> {
  let reason = "it is not installed";
  try {
    const module = await importOptional("webgpu");
    if (isDawn(module)) return module;
    if (module !== undefined) reason = "it exports no create()";
  } catch (error) {
    reason = reasonOf(error);
  }
  throw new OpcounterError(
    "device-unavailable",
    `Devices "gpu" and "software" need Dawn, the npm package webgpu, and ${reason}`,
    { remedy: 'run npm install webgpu, or use { device: "virtual" }, which needs no package' },
  );
}

function isDawn(module: unknown): module is DawnModule {
  return (
    typeof module === "object" &&
    module !== null &&
    "create" in module &&
    typeof module.create === "function"
  );
}
