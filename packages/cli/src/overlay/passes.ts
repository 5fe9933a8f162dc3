import { shortBytes, shortCount } from "@opcounter/ir/core";
import { watchPasses } from "@opcounter/tracer";
import type { Listing } from "./listing.ts";
import { openReport } from "./open-report.ts";
import type { PanelView } from "./panel.ts";
import { PassList, type PassRow } from "./pass-list.ts";

const VIEW: PanelView<PassRow> = {
  columns: [
    { title: "#", text: ({ number }) => String(number) },
    { title: "model", text: ({ model }) => model, isName: true },
    { title: "MACs", text: ({ macs }) => orDash(macs) },
    { title: "dispatches", text: ({ dispatches }) => orDash(dispatches) },
    { title: "host ops", text: ({ hostOps }) => orDash(hostOps) },
    { title: "host ms", text: ({ hostMs }) => hostMs.toFixed(1) },
    { title: "memory", text: ({ peakBytes }) => shortBytes(peakBytes) },
  ],
  recordTitle: "Record one pass",
  states: {
    watching: "Lists the passes that the page runs.",
    recording: "Waits for the next pass.",
    paused: "Paused.",
  },
};

/**
 * Lists the passes that a page runs on TensorFlow.js.
 *
 * @param tf the page's copy of TensorFlow.js, where it has no global `tf`.
 */
export function passListing(tf?: object): Listing<PassRow> {
  const passes = new PassList();
  return {
    view: VIEW,
    watch: (onRow) =>
      watchPasses((pass) => {
        passes.add(pass);
        onRow();
      }, tf),
    rows: () => passes.rows,
    clear: () => passes.clear(),
    report: (row) => openReport(row.graph),
    json: (row) => passes.json(row),
  };
}

function orDash(count: number | bigint | null): string {
  return count === null ? "–" : shortCount(count);
}
