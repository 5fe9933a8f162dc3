import { engine, engineIfLoaded } from "./engine.ts";

/**
 * Imports a backend, and hides it from the list that tfjs chooses its default from: a page must not
 * run on another backend because it was profiled. The backend can still be had by name, since the
 * page may import the same module later, which then registers nothing.
 */
export async function unlisted<T>(backendName: string, load: () => Promise<T>): Promise<T> {
  const wasListed = Object.hasOwn(engineIfLoaded()?.registryFactory ?? {}, backendName);
  const module = await load();
  const { registryFactory } = engine();
  const value = registryFactory[backendName];
  if (!wasListed && value !== undefined) {
    Object.defineProperty(registryFactory, backendName, {
      ...{ value, enumerable: false, configurable: true, writable: true },
    });
  }
  return module;
}
