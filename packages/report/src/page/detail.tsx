import { visible } from "@opcounter/ir/core";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { PLACEMENTS } from "../document/document.ts";
import { exactly, milliseconds, percent, shortly, toNumber } from "./format.ts";
import { ScopePath } from "./scope-path.tsx";
import { useStore, type View } from "./store.ts";

/** All about the op or the scope that is selected. */
export function Detail() {
  const store = useStore();
  const selection = store.selection.value;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // On a narrow screen the details stand below the view.
    const page = heading.current?.ownerDocument.defaultView;
    if (page?.matchMedia("(max-width: 860px)").matches) {
      heading.current?.scrollIntoView({ block: "nearest" });
    }
  }, [selection]);
  if (selection === null) return null;
  const { kind, index } = selection;
  const { model } = store;
  const title = kind === "op" ? model.kernel(index).name : model.scopeName(index);
  const scope = kind === "op" ? model.scopeOf(index) : index;
  return (
    <aside class="detail" aria-label="Details" data-selected={`${kind} ${index}`}>
      <div class="detail-head">
        <h2 ref={heading}>
          {title}
          <span class="tag">{kind === "op" ? `%${index}` : model.className(index) || "scope"}</span>
        </h2>
        <button
          type="button"
          class="close"
          aria-label="Close the details"
          onClick={({ currentTarget }) => {
            // The button is gone then; a keyboard goes on in the view.
            currentTarget.closest(".main")?.querySelector<HTMLElement>(".view")?.focus();
            store.close();
          }}
        >
          ×
        </button>
      </div>
      <ScopePath scope={scope} onPick={store.selectScope} />
      {kind === "op" ? <OpDetail op={index} /> : <ScopeDetail scope={index} />}
    </aside>
  );
}

function OpDetail({ op }: { op: number }) {
  const { model } = useStore();
  const { ops } = model.document;
  const placement = PLACEMENTS[ops.placement[op] ?? 0] ?? "gpu";
  return (
    <>
      <p class="facts">
        {
          { gpu: "ran on the device", cpu: "ran on the host", view: "a view: nothing ran" }[
            placement
          ]
        }
      </p>
      <OpFigures op={op} />
      <Formulas op={op} />
      <Operands op={op} />
      <Attributes op={op} />
      <Dispatches op={op} />
      <AdviceOn op={op} />
    </>
  );
}

function OpFigures({ op }: { op: number }) {
  const { quantities } = useStore();
  return (
    <Figures
      rows={quantities.value
        .filter(({ total }) => total !== null)
        .map(({ id, title, unit, total, ofOp }) => {
          const amount = ofOp(op);
          return { id, title, unit, amount, share: percent(toNumber(amount), Number(total)) };
        })}
    />
  );
}

interface FigureRow {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly amount: number | string | null;
  readonly share: string;
}

function Figures({ rows }: { rows: readonly FigureRow[] }) {
  return (
    <table class="figures">
      <tbody>
        {rows.map(({ id, title, unit, amount, share }) => (
          <tr key={id} data-figure={id}>
            <th scope="row">{visible(title)}</th>
            <td title={exactly(amount, unit)}>{amount === 0 ? "0" : exactly(amount, unit)}</td>
            <td class="dim">{toNumber(amount) === 0 ? "" : share}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Formulas({ op }: { op: number }) {
  const { model, counts } = useStore();
  const { macs, flops, transcendentals, note, by, name } = counts.value;
  const figures = { MACs: macs, FLOPs: flops, Transcendentals: transcendentals };
  const rows = Object.entries(figures).flatMap(([title, { symbols, numbers }]) => {
    const [inSymbols, inNumbers] = [model.text(symbols[op] ?? -1), model.text(numbers[op] ?? -1)];
    return inSymbols === "" ? [] : [{ title, inSymbols, inNumbers }];
  });
  const source = model.text(note[op] ?? -1);
  const countedBy = model.text(by[op] ?? -1);
  return (
    <Section title={`Formula, ${name}`}>
      {rows.map(({ title, inSymbols, inNumbers }) => (
        <div key={title} class="formula">
          <span class="dim">{title}</span>
          <code>{inSymbols}</code>
          {inNumbers !== inSymbols && <code>= {inNumbers}</code>}
        </div>
      ))}
      <p class="dim">
        {source && `Source: ${source}`}
        {!source && ({ omitted: "This convention does not count it." }[countedBy] ?? countedBy)}
      </p>
    </Section>
  );
}

function Operands({ op }: { op: number }) {
  const { model, selectOp } = useStore();
  const { operands, results } = model.document.ops;
  const link = (target: number, text: string) => (
    <button key={target} type="button" class="link mono" onClick={() => selectOp(target)}>
      {text}
    </button>
  );
  return (
    <Section title="Operands and results">
      <table class="values">
        <tbody>
          {(operands[op] ?? []).map(([name, value]) => {
            const maker = model.makerOf(value);
            return (
              <tr key={name}>
                <th scope="row">{model.text(name)}</th>
                <td>
                  {maker === undefined ? (
                    <span class="mono">{model.valueName(value)}</span>
                  ) : (
                    link(maker, `${model.valueName(value)} ${model.kernel(maker).name}`)
                  )}
                  <span class="mono dim"> {model.valueType(value)}</span>
                </td>
              </tr>
            );
          })}
          {(results[op] ?? []).map((value) => (
            <tr key={value}>
              <th scope="row">→</th>
              <td>
                <span class="mono">{model.valueType(value)}</span>
                <span class="dim"> used by </span>
                {model.usersOf(value).length === 0 && <span class="dim">no op</span>}
                {model
                  .usersOf(value)
                  .slice(0, MOST_USERS)
                  .map((user) => link(user, `%${user} ${model.kernel(user).name} `))}
                {model.usersOf(value).length > MOST_USERS && (
                  <span class="dim">and {model.usersOf(value).length - MOST_USERS} more</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

const MOST_USERS = 8;

function Attributes({ op }: { op: number }) {
  const { model } = useStore();
  const attributes = model.document.ops.attributes[op] ?? [];
  if (attributes.length === 0) return null;
  return (
    <Section title="Attributes">
      <table class="values">
        <tbody>
          {attributes.map(([name, text]) => (
            <tr key={name}>
              <th scope="row">{model.text(name)}</th>
              <td class="mono">{model.text(text)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function Dispatches({ op }: { op: number }) {
  const { model } = useStore();
  const dispatches = model.document.ops.dispatches[op] ?? [];
  if (dispatches.length === 0) return null;
  return (
    <Section title={dispatches.length === 1 ? "Dispatch" : `${dispatches.length} dispatches`}>
      <ul class="plain">
        {dispatches.map(([program, workgroups, size, ns], index) => (
          <li key={String(index)}>
            <span class="mono">{model.text(program)}</span>{" "}
            <span class="dim">
              {model.text(workgroups)} workgroups
              {size !== -1 && ` of ${model.text(size)}`}
              {ns !== null && `, ${milliseconds(ns / 1e6)}`}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function AdviceOn({ op }: { op: number }) {
  const { model, view } = useStore();
  const found = model.document.advice.filter(({ ops }) => ops.includes(op));
  if (found.length === 0) return null;
  return (
    <Section title="Advice">
      {found.map(({ remedy }, index) => (
        <p key={String(index)}>
          <button
            type="button"
            class="link"
            onClick={() => {
              view.value = "advice";
            }}
          >
            {visible(remedy)}
          </button>
        </p>
      ))}
    </Section>
  );
}

function ScopeDetail({ scope }: { scope: number }) {
  const store = useStore();
  const { model } = store;
  const inside = opsInside(store.model.directOps, store.model.childScopes, scope);
  const show = (view: View) => () => {
    store.focus.value = scope;
    store.view.value = view;
  };
  return (
    <>
      <p class="facts">
        {inside === 1 ? "1 op" : `${inside.toLocaleString("en")} ops`}
        {model.childScopes[scope]?.length
          ? `, ${model.childScopes[scope]?.length} scopes inside`
          : ""}
      </p>
      <Figures
        rows={store.quantities.value
          .filter(({ total, adds }) => total !== null && adds)
          .map((quantity) => {
            const { id, title, unit, total } = quantity;
            const amount = store.treeOf(quantity).scope(scope)?.value ?? 0;
            return { id, title, unit, amount, share: percent(amount, Number(total)) };
          })}
      />
      <div class="actions">
        <button type="button" onClick={show("map")}>
          Treemap
        </button>
        <button type="button" onClick={show("flame")}>
          Flame graph
        </button>
        <button type="button" onClick={show("ops")}>
          Its ops
        </button>
        <button type="button" onClick={show("graph")}>
          Graph
        </button>
      </div>
    </>
  );
}

function opsInside(
  direct: readonly (readonly number[])[],
  children: readonly (readonly number[])[],
  scope: number,
): number {
  const inner = (children[scope] ?? []).map((child) => opsInside(direct, children, child));
  return (direct[scope] ?? []).length + inner.reduce((sum, each) => sum + each, 0);
}

function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="section">
      <h3>{visible(title)}</h3>
      {children}
    </section>
  );
}

/** The short figure of an op, for lists. */
export function OpLink({ op }: { op: number }) {
  const { model, selectOp, quantity } = useStore();
  const { ofOp, unit } = quantity.value;
  return (
    <button
      type="button"
      class="link mono"
      title={shortly(ofOp(op), unit)}
      onClick={() => selectOp(op)}
    >
      %{op} {model.kernel(op).name}
    </button>
  );
}
