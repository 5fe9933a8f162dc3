import colors from "picocolors";
import { renderDispatches } from "./dispatches.ts";
import type { OutputFormat } from "./output-format.ts";
import { renderRoofline } from "./roofline.ts";
import { renderSymbolic } from "./symbolic.ts";
import { renderTable } from "./table.ts";
import { withVisibleParts, withVisibleTexts } from "./visible.ts";

/** For people: a table with the totals below it; symbolic costs have one line each. */
export const tableFormat = {
  report: ({ rows, listsDispatches, graph, ...found }, style) => {
    const report = withVisibleParts(found.report);
    const roofline = withVisibleTexts(found.roofline);
    const paint = colors.createColors(style.color);
    return [
      ...(listsDispatches ? [`${renderDispatches(report, style.width, paint)}\n`] : []),
      renderTable(report, graph, { ...rows, ...style }),
      ...(roofline === undefined ? [] : [renderRoofline(roofline, style.width, paint)]),
    ].join("\n");
  },
  symbolic: (report, { width }) => renderSymbolic(withVisibleTexts(report), width),
} satisfies OutputFormat;
