import { counted, visible } from "@opcounter/ir/core";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Amount } from "../../document/document.ts";
import { OpLink } from "../detail.tsx";
import { exactly, percent, shortly } from "../format.ts";
import { More } from "../more.tsx";
import { useStore } from "../store.ts";

/** How many rows of a list are drawn at first, and with each press for more. */
const ROWS = 50;

/** How to read the figures: the convention's gaps, warnings, and totals that no view shows. */
export function Notes() {
  const { model, counts } = useStore();
  const { name, warnings, uncounted, leftOut } = counts.value;
  const { trainableParams, statistics, slots, bytesRead, bytesWritten } = model.document.totals;
  return (
    <>
      <Part title="Warnings" isEmpty={warnings.length === 0} empty="None.">
        <ul>
          {warnings.map((warning) => (
            <li key={warning}>{visible(warning)}</li>
          ))}
        </ul>
      </Part>
      <Part
        title="Kernels that nothing counts"
        isEmpty={uncounted.length === 0}
        empty="None: every op is counted, or left out by its convention."
      >
        <ul>
          {uncounted.map(({ kernel, ops }) => (
            <li key={kernel}>
              <span class="mono">{visible(kernel)}</span>, {ops === 1 ? "1 op" : `${ops} ops`}
            </li>
          ))}
        </ul>
      </Part>
      <Part
        title={`What ${visible(name)} leaves out`}
        isEmpty={leftOut.length === 0}
        empty="Nothing."
      >
        <table class="list">
          <thead>
            <tr>
              <th scope="col">Left out</th>
              <th scope="col" class="number">
                MACs by native
              </th>
              <th scope="col" class="number">
                FLOPs by native
              </th>
            </tr>
          </thead>
          <tbody>
            {leftOut.map(({ text, macs, flops }) => (
              <tr key={text}>
                <td>{visible(text)}</td>
                <td class="number" title={exactly(macs, "count")}>
                  {shortly(macs, "count")}
                </td>
                <td class="number" title={exactly(flops, "count")}>
                  {shortly(flops, "count")}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Part>
      <Unused />
      <Left />
      <Sparsity />
      <Training />
      <Part title="More totals" isEmpty={false} empty="">
        <table class="figures wide">
          <tbody>
            <Total title="Trainable parameters" text={exactly(trainableParams, "count")} />
            <Total title="Batch-norm statistics" text={exactly(statistics, "count")} />
            <Total title="Optimizer slots" text={exactly(slots, "count")} />
            <Total title="Bytes read" text={exactly(bytesRead, "bytes")} />
            <Total title="Bytes written" text={exactly(bytesWritten, "bytes")} />
          </tbody>
        </table>
      </Part>
    </>
  );
}

/** What of the model the pass did not need, where there is something. */
function Unused() {
  const { unused } = useStore().model.document;
  if (unused === null) return null;
  const { layers, params, ops } = unused;
  const rows: Fact[] = [
    ...layers.map(({ name, className }, index): Fact => {
      return [`layer ${index}`, "layer that is not called", name, className];
    }),
    ...params.map(({ name, elements }, index): Fact => {
      return [`param ${index}`, "parameter that is not read", name, counted(elements, "element")];
    }),
    ...ops.map(({ kernel, scope, ops }, index): Fact => {
      const name = scope === "" ? kernel : `${kernel} in ${scope}`;
      return [`op ${index}`, "result that is not used", name, counted(ops, "op")];
    }),
  ];
  return (
    <Part title="What the pass did not need" isEmpty={rows.length === 0} empty="Nothing.">
      <Facts rows={rows} />
    </Part>
  );
}

/** Tensors that the program leaves after each call, where there are some. */
function Left() {
  const { left } = useStore().model.document;
  if (left.length === 0) return null;
  return (
    <Part title="Tensors that are left undisposed" isEmpty={false} empty="">
      <Facts
        rows={left.map(({ kernel, scope, tensors, bytes }, index): Fact => {
          const maker = kernel === "" ? "made from values" : kernel;
          const name = scope === "" ? maker : `${maker} in ${scope}`;
          return [String(index), counted(tensors, "tensor"), name, exactly(bytes, "bytes")];
        })}
      />
    </Part>
  );
}

/** What stands in a row: a key, what it is, its name, and an amount. */
type Fact = [key: string, what: string, name: string, note: string];

function Facts({ rows }: { readonly rows: readonly Fact[] }) {
  const [most, setMost] = useState(ROWS);
  return (
    <>
      <table class="list">
        <tbody>
          {rows.slice(0, most).map(([key, what, name, note]) => (
            <tr key={key}>
              <td>
                <span class="mono">{visible(name)}</span> <span class="dim">{what}</span>
              </td>
              <td class="number dim">{visible(note)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <More count={rows.length - most} show={() => setMost(most + ROWS)} />
    </>
  );
}

/** The MACs that zeros among the weights could save, where zeros were counted. */
function Sparsity() {
  const { sparsity } = useStore().model.document;
  if (sparsity === null) return null;
  const { zeros, elements, unknownElements, effectiveMacs, ops, usedInParts } = sparsity;
  return (
    <Part title="Zeros among the weights" isEmpty={false} empty="">
      <p>
        {exactly(zeros, "count")} of {exactly(elements, "count")} weights are 0. Without the
        products by them, {exactly(effectiveMacs, "count")} MACs remain.
        {Number(unknownElements) > 0 &&
          ` The values of ${exactly(unknownElements, "count")} more are not known.`}
      </p>
      <table class="list">
        <tbody>
          {ops.slice(0, ROWS).map(({ id, weight, zeros, elements, macs, effectiveMacs }) => (
            <tr key={`${id} ${weight}`}>
              <td>
                <OpLink op={id} /> <span class="mono">{visible(weight)}</span>{" "}
                <span class="dim">{percent(Number(zeros), Number(elements))} zeros</span>
              </td>
              <td class="number">
                {shortly(effectiveMacs, "count")} of {shortly(macs, "count")} MACs
              </td>
            </tr>
          ))}
          {usedInParts.map(({ weight, zeros }) => (
            <tr key={weight}>
              <td>
                <span class="mono">{visible(weight)}</span>{" "}
                <span class="dim">used in parts: which zeros is not known</span>
              </td>
              <td class="number">{shortly(zeros, "count")} zeros</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Part>
  );
}

/** How the backward pass compares with the forward one, in a training step. */
function Training() {
  const { training } = useStore().model.document;
  if (training === null) return null;
  const { forwardMacs, backwardMacs, exceptions } = training;
  const times = (backward: Amount, forward: Amount) =>
    Number(forward) === 0 ? "" : `${(Number(backward) / Number(forward)).toFixed(3)} times`;
  return (
    <Part title="The training step" isEmpty={false} empty="">
      <p>
        Forward has {exactly(forwardMacs, "count")} MACs, backward {exactly(backwardMacs, "count")}:{" "}
        {times(backwardMacs, forwardMacs)} as many. The rule of thumb is 2, the gradients of the
        weights and of the inputs;{" "}
        {exceptions.length === 0 ? "it holds everywhere." : "it is off in these scopes:"}
      </p>
      <Facts
        rows={exceptions.map((row, index): Fact => {
          const macs = `${shortly(row.forwardMacs, "count")} forward, ${shortly(row.backwardMacs, "count")} backward`;
          return [String(index), times(row.backwardMacs, row.forwardMacs), row.scope, macs];
        })}
      />
    </Part>
  );
}

interface PartProps {
  readonly title: string;
  readonly isEmpty: boolean;
  readonly empty: string;
  readonly children: ComponentChildren;
}

function Part({ title, isEmpty, empty, children }: PartProps) {
  return (
    <section class="section">
      <h3>{title}</h3>
      {isEmpty ? <p class="dim">{empty}</p> : children}
    </section>
  );
}

function Total({ title, text }: { title: string; text: string }) {
  return (
    <tr>
      <th scope="row">{title}</th>
      <td>{text}</td>
    </tr>
  );
}
