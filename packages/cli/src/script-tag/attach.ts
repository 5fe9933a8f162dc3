import { OpcounterError } from "@opcounter/ir/core";
import type { OverlayOptions } from "../overlay/overlay.ts";

export interface AttachOptions extends OverlayOptions {
  /** The address of the overlay's script. Default: `opcounter.overlay.min.js` beside this one. */
  readonly overlay?: string;
}

/** This script's element, while the browser runs it; in a worker there is none. */
const script = globalThis.document?.currentScript;
const own =
  script instanceof HTMLScriptElement ? { src: script.src, nonce: script.nonce } : undefined;

/**
 * Loads the overlay, which is a second script, and puts its panel on the page.
 *
 * @returns what takes the panel away.
 * @throws OpcounterError "option-missing" where the script's address is not known, "tfjs-missing"
 *   where the page has neither TensorFlow.js nor WebGPU.
 */
export async function attach(options: AttachOptions = {}): Promise<() => void> {
  const address = options.overlay ?? addressBeside();
  const { attach: attachPanel } = await load(address);
  return attachPanel(options);
}

function addressBeside(): string {
  if (own !== undefined && own.src !== "") {
    return new URL("opcounter.overlay.min.js", own.src).href;
  }
  throw new OpcounterError(
    "option-invalid",
    "The overlay is a second script, and opcounter does not know where it was loaded from itself",
    { remedy: 'give its address, as in attach({ overlay: "/opcounter.overlay.min.js" })' },
  );
}

type Overlay = typeof import("../overlay/overlay.ts");

let loading: Promise<Overlay> | undefined;

function load(address: string): Promise<Overlay> {
  loading ??= loadScript(address).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** Runs the script, which leaves its functions in a global, and takes both away again. */
async function loadScript(address: string): Promise<Overlay> {
  const element = document.createElement("script");
  element.src = address;
  if (own?.nonce) element.nonce = own.nonce;
  try {
    await new Promise((resolve, reject) => {
      element.onload = resolve;
      element.onerror = () =>
        reject(
          new OpcounterError("file-unreadable", `The overlay cannot be loaded from ${address}`, {
            remedy: "serve it there, and allow it in the page's content security policy",
          }),
        );
      document.head.append(element);
    });
    // Sound: the overlay's script sets it.
    return Reflect.get(globalThis, "opcounterOverlay") as Overlay;
  } finally {
    element.remove();
    Reflect.deleteProperty(globalThis, "opcounterOverlay");
  }
}
