import { count, reportToJson } from "@opcounter/counters";
import { type Graph, OpcounterError, shortBytes, shortCount } from "@opcounter/ir/core";
import { buildGraph } from "@opcounter/recorder";
import { LiveLog, type LiveSpan, Watcher } from "@opcounter/recorder/watch";
import type { Listing } from "./listing.ts";
import { openReport } from "./open-report.ts";
import type { PanelView } from "./panel.ts";

/** What a page did with WebGPU within a second. */
interface SpanRow {
  /** From 1. */
  readonly number: number;
  readonly span: LiveSpan;
}

const VIEW: PanelView<SpanRow> = {
  columns: [
    { title: "#", text: ({ number }) => String(number) },
    { title: "submits", text: ({ span }) => shortCount(span.submits) },
    { title: "dispatches", text: ({ span }) => shortCount(span.dispatches) },
    { title: "pipelines", text: ({ span }) => shortCount(span.pipelines) },
    { title: "draws", text: ({ span }) => shortCount(span.draws) },
    { title: "written", text: ({ span }) => shortBytes(span.writtenBytes) },
    { title: "read", text: ({ span }) => shortBytes(span.readBytes) },
    { title: "buffers", text: ({ span }) => shortBytes(span.bufferBytes) },
  ],
  recordTitle: "Record one second",
  states: {
    watching: "No TensorFlow.js here: lists each second in which the page submits work to WebGPU.",
    recording: "Waits for the next second with work.",
    paused: "Paused.",
  },
};

/** How long a span is, in milliseconds. */
const SPAN_MS = 1000;
/** How many spans are listed. */
const MOST = 50;
/** How many of them keep their commands, for a report. */
const MOST_KEPT = 10;

/** Lists what a page does with WebGPU, whatever library it uses, second by second. */
export function webGpuListing(gpu: GPU): Listing<SpanRow> {
  let rows: SpanRow[] = [];
  let number = 0;
  const add = (span: LiveSpan) => {
    rows = [...rows, { number: ++number, span }].slice(-MOST);
    rows = rows.map((row, i) => (i < rows.length - MOST_KEPT ? withoutEntries(row) : row));
  };
  return {
    view: VIEW,
    watch: (onRow) => {
      const log = new LiveLog();
      const watcher = new Watcher(log);
      watcher.watchPage(gpu);
      const timer = setInterval(() => {
        const span = log.take();
        if (span === undefined) return;
        add(span);
        onRow();
      }, SPAN_MS);
      return () => {
        clearInterval(timer);
        watcher.stop();
      };
    },
    rows: () => rows,
    clear: () => {
      rows = [];
    },
    report: (row) => openReport(graphOf(row)),
    json: (row) => {
      const report: unknown = JSON.parse(reportToJson(count(graphOf(row))));
      const { entries: _, ...span } = row.span;
      return JSON.stringify({ second: row.number, ...span, report }, null, 2);
    },
  };
}

function withoutEntries({ number, span }: SpanRow): SpanRow {
  return { number, span: { ...span, entries: undefined } };
}

const NOTE =
  "The page's work was recorded while it ran. Of what it had made before, only sizes and labels are known: put the panel there before the page makes its pipelines, and their shaders are counted.";

/** @throws OpcounterError where the commands of the second are not kept. */
function graphOf({ span, number }: SpanRow): Graph {
  const { entries } = span;
  if (entries === undefined) {
    throw new OpcounterError("option-invalid", `The commands of second ${number} are not kept`, {
      remedy: `only the last ${MOST_KEPT} are, of up to 20,000 commands each`,
    });
  }
  const name = document.title || location.hostname;
  return buildGraph(entries, { name, device: "webgpu", notes: [NOTE] });
}
