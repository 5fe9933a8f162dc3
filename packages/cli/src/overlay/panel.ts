import { reasonOf, shortBytes, shortCount } from "@opcounter/ir/core";
import styles from "./panel.css";
import type { PassRow } from "./pass-list.ts";

export interface PanelActions {
  readonly watch: () => void;
  readonly record: () => void;
  readonly pause: () => void;
  readonly clear: () => void;
  readonly close: () => void;
  /** Returns false where the browser opens no tab. */
  readonly report: (row: PassRow) => boolean;
  readonly copy: (row: PassRow) => Promise<void>;
}

const STATES = {
  watching: "Lists the passes that the page runs.",
  recording: "Waits for the next pass.",
  paused: "Paused.",
};

const COLUMNS = ["#", "model", "MACs", "dispatches", "host ops", "host ms", "memory", ""];

/** That of a custom element. Nothing is defined for it, so nothing stays of it. */
const NAME = "opcounter-panel";

/** Closes the panel of a page, where there is one; another copy of this script may have put it there. */
export function closePanel(page: Document): void {
  page.querySelector(NAME)?.dispatchEvent(new Event("close"));
}

/** The panel. It stands in a shadow root, and uses no style, script or text of the page. */
export class Panel {
  readonly #document: Document;
  readonly #actions: PanelActions;
  readonly #host: HTMLElement;
  readonly #rows: HTMLElement;
  readonly #status: HTMLElement;

  constructor(page: Document, actions: PanelActions) {
    this.#document = page;
    this.#actions = actions;
    this.#host = page.createElement(NAME);
    this.#host.addEventListener("close", actions.close);
    const root = this.#host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    root.adoptedStyleSheets = [sheet];
    this.#rows = this.#element("tbody");
    this.#status = this.#element("p", STATES.watching);
    this.#status.setAttribute("role", "status");
    const section = this.#element("section");
    section.setAttribute("aria-label", "opcounter");
    section.append(this.#header(), this.#table(), this.#status);
    root.append(section);
    page.documentElement.append(this.#host);
  }

  set state(state: keyof typeof STATES) {
    this.#status.textContent = STATES[state];
  }

  /** Shows passes, the last one first. */
  show(rows: readonly PassRow[]): void {
    this.#rows.replaceChildren(...rows.toReversed().map((row) => this.#row(row)));
  }

  remove(): void {
    this.#host.remove();
  }

  #header(): HTMLElement {
    const { watch, record, pause, clear, close } = this.#actions;
    const header = this.#element("header");
    header.append(
      this.#element("h2", "opcounter"),
      this.#button("Record one pass", record),
      this.#button("Watch", watch),
      this.#button("Pause", pause),
      this.#button("Clear", clear),
      this.#button("Close", close),
    );
    return header;
  }

  #table(): HTMLElement {
    const heads = COLUMNS.map((title) => this.#element("th", title));
    const [around, table, head, line] = [
      this.#element("div"),
      this.#element("table"),
      this.#element("thead"),
      this.#element("tr"),
    ];
    line.append(...heads);
    head.append(line);
    table.append(head, this.#rows);
    around.className = "rows";
    around.append(table);
    return around;
  }

  #row(row: PassRow): HTMLElement {
    const { number, model, macs, dispatches, hostOps, hostMs, peakBytes } = row;
    const texts = [
      ...[String(number), model, orDash(macs), orDash(dispatches), orDash(hostOps)],
      ...[hostMs.toFixed(1), shortBytes(peakBytes)],
    ];
    const cells = texts.map((text) => this.#element("td", text));
    const actions = this.#element("td");
    actions.append(
      this.#button("Report", () => {
        if (!this.#actions.report(row)) this.#say("The browser opened no tab: allow pop-ups here.");
      }),
      " ",
      this.#button("Copy JSON", () => {
        this.#actions.copy(row).then(
          () => this.#say("Copied."),
          () => this.#say("The browser does not let this page copy."),
        );
      }),
    );
    const line = this.#element("tr");
    line.append(...cells, actions);
    return line;
  }

  #say(text: string): void {
    this.#status.textContent = text;
  }

  #button(text: string, act: () => void): HTMLElement {
    const button = this.#element("button", text);
    button.setAttribute("type", "button");
    button.addEventListener("click", () => {
      try {
        act();
      } catch (error) {
        this.#say(reasonOf(error));
      }
    });
    return button;
  }

  #element(name: string, text = ""): HTMLElement {
    const element = this.#document.createElement(name);
    element.textContent = text;
    return element;
  }
}

function orDash(count: number | bigint | null): string {
  return count === null ? "–" : shortCount(count);
}
