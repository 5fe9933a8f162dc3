import { reasonOf } from "@opcounter/ir/core";
import styles from "./panel.css";

interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  /** Names are long and stand on the left, numbers on the right. */
  readonly isName?: boolean;
}

/** What a panel lists. */
export interface PanelView<Row> {
  readonly columns: readonly Column<Row>[];
  /** What the button says that lists the next row alone. */
  readonly recordTitle: string;
  readonly states: {
    readonly watching: string;
    readonly recording: string;
    readonly paused: string;
  };
}

export interface PanelActions<Row> {
  readonly watch: () => void;
  readonly record: () => void;
  readonly pause: () => void;
  readonly clear: () => void;
  readonly close: () => void;
  /** Returns false where the browser opens no tab. */
  readonly report: (row: Row) => boolean;
  readonly copy: (row: Row) => Promise<void>;
}

/** That of a custom element. Nothing is defined for it, so nothing stays of it. */
const NAME = "opcounter-panel";

/** Closes the panel of a page, where there is one; another copy of this script may have put it there. */
export function closePanel(page: Document): void {
  page.querySelector(NAME)?.dispatchEvent(new Event("close"));
}

/** The panel. It stands in a shadow root, and uses no style, script or text of the page. */
export class Panel<Row> {
  readonly #document: Document;
  readonly #view: PanelView<Row>;
  readonly #actions: PanelActions<Row>;
  readonly #host: HTMLElement;
  readonly #rows: HTMLElement;
  readonly #status: HTMLElement;

  constructor(page: Document, view: PanelView<Row>, actions: PanelActions<Row>) {
    this.#document = page;
    this.#view = view;
    this.#actions = actions;
    this.#host = page.createElement(NAME);
    this.#host.addEventListener("close", actions.close);
    const root = this.#host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    root.adoptedStyleSheets = [sheet];
    this.#rows = this.#element("tbody");
    this.#status = this.#element("p", view.states.watching);
    this.#status.setAttribute("role", "status");
    const section = this.#element("section");
    section.setAttribute("aria-label", "opcounter");
    section.append(this.#header(), this.#table(), this.#status);
    root.append(section);
    page.documentElement.append(this.#host);
  }

  set state(state: keyof PanelView<Row>["states"]) {
    this.#status.textContent = this.#view.states[state];
  }

  /** Shows rows, the last one first. */
  show(rows: readonly Row[]): void {
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
      this.#button(this.#view.recordTitle, record),
      this.#button("Watch", watch),
      this.#button("Pause", pause),
      this.#button("Clear", clear),
      this.#button("Close", close),
    );
    return header;
  }

  #table(): HTMLElement {
    const heads = this.#view.columns.map((column) => this.#cell("th", column, column.title));
    const [around, table, head, line] = [
      this.#element("div"),
      this.#element("table"),
      this.#element("thead"),
      this.#element("tr"),
    ];
    line.append(...heads, this.#element("th"));
    head.append(line);
    table.append(head, this.#rows);
    around.className = "rows";
    around.append(table);
    return around;
  }

  #row(row: Row): HTMLElement {
    const cells = this.#view.columns.map((column) => this.#cell("td", column, column.text(row)));
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

  #cell(name: "td" | "th", { isName = false }: Column<Row>, text: string): HTMLElement {
    const cell = this.#element(name, text);
    if (isName) cell.className = "name";
    return cell;
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
