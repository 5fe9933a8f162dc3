/** The characters of a cli-table3 table without borders. */
export const BORDERLESS = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid", "top-mid", "top-left", "top-right", "bottom-mid"]
    .concat(["bottom-left", "bottom-right", "left-mid", "mid-mid", "right-mid", "middle"])
    .map((name) => [name, ""]),
);
