import { type PagePass, watchPasses } from "@opcounter/tracer";
import { openReport } from "./open-report.ts";
import { closePanel, Panel } from "./panel.ts";
import { PassList } from "./pass-list.ts";

/** What `attach` is given. */
export interface OverlayOptions {
  /** The page's copy of TensorFlow.js, where it has no global `tf`: then models have names. */
  readonly tf?: object;
}

/**
 * Puts a small panel on the page that lists the passes the page runs. A second call takes the first
 * panel's place.
 *
 * @returns what takes the panel away, and all that it changed.
 * @throws OpcounterError "tfjs-missing" where the page has no TensorFlow.js.
 */
export function attach({ tf }: OverlayOptions = {}): () => void {
  closePanel(document);
  let stop: (() => void) | undefined;
  const passes = new PassList();
  const panel = new Panel(document, {
    watch: () => watch(false),
    record: () => watch(true),
    pause,
    clear: () => {
      passes.clear();
      panel.show(passes.rows);
    },
    close: () => detach(),
    report: (row) => openReport(row.graph),
    copy: async (row) => navigator.clipboard.writeText(passes.json(row)),
  });

  /** Lists passes until it is paused, or the next one alone. */
  function watch(isOne: boolean): void {
    stop?.();
    stop = watchPasses((pass: PagePass) => {
      passes.add(pass);
      panel.show(passes.rows);
      if (isOne) pause();
    }, tf);
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
