import { tableForTerminal } from "./data-table.ts";
import { renderDispatches } from "./dispatches.ts";
import { renderExecuted } from "./executed.ts";
import { modelsTable } from "./model-table.ts";
import { type OutputFormat, PRINT_OPTIONS } from "./output-format.ts";
import { renderRoofline } from "./roofline.ts";
import { renderSymbolic } from "./symbolic.ts";
import { renderTable } from "./table.ts";
import { withVisibleParts, withVisibleTexts } from "./visible.ts";

/** For people: a table with the totals below it; symbolic costs have one line each. */
export const tableFormat = {
  takes: PRINT_OPTIONS,
  report: (found, style) => {
    const { rows, listsDispatches } = found;
    const report = withVisibleParts(found.report);
    const roofline = withVisibleTexts(found.roofline);
    const executed = withVisibleTexts(found.executed);
    const { paint } = style;
    return [
      ...(listsDispatches ? [`${renderDispatches(report, style.width, paint)}\n`] : []),
      renderTable(report, found, { ...rows, ...style }),
      ...(roofline === undefined ? [] : [renderRoofline(roofline, style.width, paint)]),
      ...(executed === undefined ? [] : [renderExecuted(executed, rows, style, roofline?.spec)]),
    ].join("\n");
  },
  models: (reports, { width, paint }) =>
    tableForTerminal(modelsTable(withVisibleTexts(reports)), width, paint),
  symbolic: (report, { width }) => renderSymbolic(withVisibleTexts(report), width),
} satisfies OutputFormat;
