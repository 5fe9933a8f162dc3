import { renderColumns } from "./columns.ts";
import { layerTable } from "./layer-table.ts";
import type { OutputFormat } from "./output-format.ts";
import { renderReport } from "./table.ts";
import { tableFormat } from "./table-format.ts";
import { withVisibleParts } from "./visible.ts";

/** For people who know torchinfo: a table of layers with their shapes, and the totals below it. */
export const summaryFormat = {
  takes: ["depth", "units"],
  report: ({ rows, graph, ...found }, style) => {
    const report = withVisibleParts(found.report);
    const table = layerTable(report, graph, rows);
    return renderReport(
      report,
      renderColumns(table.columns, table.rows, style.width, style.paint),
      style,
    );
  },
  symbolic: tableFormat.symbolic,
} satisfies OutputFormat;
