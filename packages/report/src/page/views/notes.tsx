import { visible } from "@opcounter/ir/core";
import type { ComponentChildren } from "preact";
import { exactly, shortly } from "../format.ts";
import { useStore } from "../store.ts";

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
