import type { PanelView } from "./panel.ts";

/** What a panel lists, and where it comes from. */
export interface Listing<Row> {
  readonly view: PanelView<Row>;
  /**
   * Begins to watch the page.
   *
   * @param onRow called when there is another row.
   * @returns what ends it, and takes back all that it changed.
   */
  watch(onRow: () => void): () => void;
  rows(): readonly Row[];
  clear(): void;
  /** Opens the report of a row. Returns false where the browser opens no tab. */
  report(row: Row): boolean;
  /** The report of a row as JSON. */
  json(row: Row): string;
}
