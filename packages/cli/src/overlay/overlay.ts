import { OpcounterError } from "@opcounter/ir/core";
import type { Listing } from "./listing.ts";
import { closePanel, Panel } from "./panel.ts";
import { passListing } from "./passes.ts";
import { webGpuListing } from "./web-gpu.ts";

/** What `attach` is given. */
export interface OverlayOptions {
  /** The page's copy of TensorFlow.js, where it has no global `tf`: then models have names. */
  readonly tf?: object;
}

/**
 * Puts a small panel on the page. On a page with TensorFlow.js it lists the passes that the page runs,
 * on another what the page does with WebGPU, second by second. A second call takes the first panel's
 * place.
 *
 * @returns what takes the panel away, and all that it changed.
 * @throws OpcounterError "tfjs-missing" where the page has neither.
 */
export function attach({ tf }: OverlayOptions = {}): () => void {
  closePanel(document);
  try {
    return attachListing(passListing(tf));
  } catch (error) {
    const isMissing = error instanceof OpcounterError && error.code === "tfjs-missing";
    const { gpu } = navigator;
    if (!isMissing) throw error;
    if (gpu !== undefined) return attachListing(webGpuListing(gpu));
    throw new OpcounterError("tfjs-missing", "The page has neither TensorFlow.js nor WebGPU", {
      remedy: "browsers have WebGPU at addresses of https, and of this machine",
    });
  }
}

function attachListing<Row>(listing: Listing<Row>): () => void {
  let stop: (() => void) | undefined;
  const panel = new Panel<Row>(document, listing.view, {
    watch: () => watch(false),
    record: () => watch(true),
    pause,
    clear: () => {
      listing.clear();
      panel.show(listing.rows());
    },
    close: () => detach(),
    report: (row) => listing.report(row),
    copy: (row) => copyText(listing.json(row)),
  });

  /** Lists rows until it is paused, or the next one alone. */
  function watch(isOne: boolean): void {
    stop?.();
    stop = listing.watch(() => {
      panel.show(listing.rows());
      if (isOne) pause();
    });
    panel.state = isOne ? "recording" : "watching";
  }

  function pause(): void {
    stop?.();
    stop = undefined;
    panel.state = "paused";
  }

  function detach(): void {
    stop?.();
    stop = undefined;
    panel.remove();
  }

  try {
    watch(false);
  } catch (error) {
    panel.remove();
    throw error;
  }
  return detach;
}

/** Rejects where the browser does not let the page copy. */
async function copyText(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}
