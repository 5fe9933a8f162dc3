import { type DataTable, textsOf } from "./data-table.ts";
import { visible } from "./visible.ts";

const SPECIAL: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  '"': "\\textquotedbl{}",
  "–": "--",
  "−": "$-$",
  "→": "$\\to$",
  "…": "\\ldots{}",
  "@": "{@}",
};

/** A name as LaTeX prints it. */
export function latexText(name: string): string {
  return visible(name).replaceAll(
    /[\\~^<>|"\u2013\u2212\u2192\u2026@]|[{}$&#_%]/g,
    (mark) => SPECIAL[mark] ?? `\\${mark}`,
  );
}

/** A table for a paper, with the rules of the package booktabs. */
export function tableInLatex<R>(table: DataTable<R>): string {
  const { columns, rows } = textsOf(table);
  const line = (cells: readonly string[]) => `  ${cells.map(latexText).join(" & ")} \\\\`;
  return [
    "% \\usepackage{booktabs}",
    `\\begin{tabular}{${columns.map(({ align }) => (align === "left" ? "l" : "r")).join("")}}`,
    "  \\toprule",
    line(columns.map(({ title }) => title)),
    "  \\midrule",
    ...rows.map(line),
    "  \\bottomrule",
    "\\end{tabular}",
  ].join("\n");
}
