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

/** Dawn ends the process's work when its instance is collected, so the instances are kept. */
const instances = new Map<string, GPU>();

/**
 * Dawn's `GPU` object, on the machine's own driver or on SwiftShader.
 *
 * @throws OpcounterError where the package `webgpu` or SwiftShader is not there.
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

/** Makes Dawn load this driver, which it does when it is first asked for an adapter. */
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

/** Dawn rounds timestamps to 65,536 ns as a page may misuse finer ones; a program on its own may not. */
const FEATURES = ["disable-dawn-features=timestamp_quantization"];

/** glibc's RTLD_NODELETE, which Node does not name: keep the library loaded after it is closed. */
const RTLD_NODELETE = 0x1000;

/**
 * Loads the Vulkan loader that lies beside the driver, so that Dawn finds it by name on a system
 * that has none. Naming its folder in `LD_LIBRARY_PATH` is too late in a running process; a
 * library that is already loaded is found. Node complains that it is no addon, and that is all.
 */
function preloadVulkanLoader(folder: string): void {
  const loader = join(folder, "libvulkan.so.1");
  if (process.platform !== "linux" || !existsSync(loader)) return;
  try {
    process.dlopen({ exports: {} }, loader, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch {
    // "Module did not self-register": expected, and it stays loaded.
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
    { remedy: 'npm install webgpu brings it, and { device: "virtual" } needs none' },
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
