import { visible } from "@opcounter/ir/core";
import { scaleLinear } from "d3-scale";
import { useState } from "preact/hooks";
import { OpLink } from "../detail.tsx";
import { exactChange, exactly, percent, shortChange, shortly, sumOf } from "../format.ts";
import { useWidth } from "../hooks.ts";
import { isOfProgram } from "../model/quantities.ts";
import { useStore } from "../store.ts";
import { Empty } from "./empty.tsx";

const HEIGHT = 300;
const MARGIN = { left: 76, right: 16, top: 24, bottom: 32 };

/** The bytes alive while each op runs, the peak, and what holds it. */
export function MemoryChart() {
  const { model } = useStore();
  const { ref, width } = useWidth();
  const { memory, totals } = model.document;
  // Where weights take most of it, what changes from op to op is a thin line on top of them.
  const [hidesResident, setHidesResident] = useState(
    memory.residentBytes > 0.6 * Number(totals.peakBytes),
  );
  if (isOfProgram(model)) {
    return (
      <p class="sum">
        {exactly(totals.peakBytes, "bytes")}{" "}
        <span class="dim">are the most that the program's buffers take at once</span>
      </p>
    );
  }
  if (memory.peakOp === null) return <Empty>No op ran, so nothing was alive.</Empty>;
  return (
    <>
      <div class="caption">
        <p class="sum">
          {exactly(totals.peakBytes, "bytes")} <span class="dim">alive at the peak, at</span>{" "}
          <OpLink op={memory.peakOp} />
        </p>
        <p class="hint">
          {shortly(memory.residentBytes, "bytes")} of it are weights, inputs and constants, alive
          all the time.
        </p>
        <label class="field">
          <input
            type="checkbox"
            name="hides-resident"
            checked={hidesResident}
            onChange={({ currentTarget }) => setHidesResident(currentTarget.checked)}
          />
          <span>Leave these out of the chart</span>
        </label>
      </div>
      <div ref={ref}>
        {width > 0 && <Chart width={width} peakOp={memory.peakOp} hidesResident={hidesResident} />}
      </div>
      <Holders />
      <Held />
    </>
  );
}

interface ChartProps {
  readonly width: number;
  readonly peakOp: number;
  /** Whether the bytes begin at those that are alive all the time. */
  readonly hidesResident: boolean;
}

function Chart({ width, peakOp, hidesResident }: ChartProps) {
  const { model, selectOp, selection } = useStore();
  const { memory } = model.document;
  const below = hidesResident ? memory.residentBytes : 0;
  const residentBytes = memory.residentBytes - below;
  const bytesAt = memory.bytesAt.map((bytes) => bytes - below);
  const [hovered, setHovered] = useState<number | null>(null);
  const count = bytesAt.length;
  const peak = bytesAt[peakOp] ?? 0;
  const x = scaleLinear([0, count], [MARGIN.left, width - MARGIN.right]);
  const y = scaleLinear([0, Math.max(1, peak * 1.05)], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const at = (clientX: number, element: Element) => {
    const left = element.getBoundingClientRect().left;
    return Math.min(count - 1, Math.max(0, Math.floor(x.invert(clientX - left))));
  };
  const chosen = selection.value?.kind === "op" ? selection.value.index : null;
  const shown = hovered ?? chosen ?? peakOp;
  const step = (by: number) => selectOp(Math.min(count - 1, Math.max(0, (chosen ?? peakOp) + by)));
  return (
    <>
      <svg
        class="chart"
        width={width}
        height={HEIGHT}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        role="group"
        tabindex={0}
        aria-label={`Bytes alive over ${count} ops, ${shortly(peak, "bytes")} at most; arrows go from op to op`}
        onMouseMove={({ clientX, currentTarget }) => setHovered(at(clientX, currentTarget))}
        onMouseLeave={() => setHovered(null)}
        onClick={({ clientX, currentTarget }) => selectOp(at(clientX, currentTarget))}
        onKeyDown={(event) => {
          const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          if (by === undefined) return;
          event.preventDefault();
          step(by);
        }}
      >
        {byteTicks(peak).map((bytes) => (
          <g key={bytes} class="tick">
            <line x1={MARGIN.left} x2={width - MARGIN.right} y1={y(bytes)} y2={y(bytes)} />
            <text x={MARGIN.left - 8} y={y(bytes) + 4} text-anchor="end">
              {shortly(bytes, "bytes")}
            </text>
          </g>
        ))}
        <path class="area" d={areaOf(bytesAt, x, y)} />
        <rect
          class="resident"
          x={MARGIN.left}
          width={width - MARGIN.left - MARGIN.right}
          y={y(residentBytes)}
          height={y(0) - y(residentBytes)}
        />
        <text class="axis" x={width - MARGIN.right} y={HEIGHT - 8} text-anchor="end">
          ops in order of execution →
        </text>
        <line class="cursor" x1={x(shown + 0.5)} x2={x(shown + 0.5)} y1={MARGIN.top} y2={y(0)} />
        <circle class="peak" cx={x(peakOp + 0.5)} cy={y(peak)} r={4} />
      </svg>
      <p class="reading" aria-live="off">
        %{shown} {model.kernel(shown).name}{" "}
        <span class="dim">{model.scopePath(model.scopeOf(shown))}</span>{" "}
        {exactly(memory.bytesAt[shown] ?? 0, "bytes")}
      </p>
    </>
  );
}

/** Round numbers of a unit, some four of them. */
function byteTicks(peak: number): number[] {
  if (peak === 0) return [0];
  const unit = 1024 ** Math.max(0, Math.floor(Math.log(peak) / Math.log(1024)));
  return scaleLinear([0, peak / unit], [0, 1])
    .ticks(4)
    .map((ticks) => ticks * unit);
}

/** The steps of the bytes; where several ops share a pixel, the most of theirs. */
function areaOf(
  bytesAt: readonly number[],
  x: (op: number) => number,
  y: (bytes: number) => number,
): string {
  const most = new Map<number, number>();
  const perPixel = x(1) - x(0);
  bytesAt.forEach((bytes, op) => {
    const column = perPixel >= 1 ? x(op) : Math.floor(x(op));
    most.set(column, Math.max(most.get(column) ?? 0, bytes));
  });
  const steps = [...most].map(([column, bytes]) => `H${round(column)}V${round(y(bytes))}`);
  const end = x(bytesAt.length);
  return `M${x(0)} ${y(0)}${steps.join("")}H${round(end)}V${y(0)}Z`;
}

function round(number: number): number {
  return Math.round(100 * number) / 100;
}

/** How many of the buffers that make the difference are listed. */
const DIFFERENCES = 40;

/** What TensorFlow.js held at its own peak, and the buffers by which that differs. */
function Held() {
  const { held } = useStore().model.document.memory;
  if (held === null) return null;
  const { usedBytes, allocatedBytes, explanation, differences } = held;
  const rest = differences.slice(DIFFERENCES);
  return (
    <section class="section">
      <h3>What TensorFlow.js held</h3>
      <p data-held={usedBytes}>
        {exactly(usedBytes, "bytes")} in buffers in use
        {allocatedBytes !== null &&
          `, ${exactly(allocatedBytes, "bytes")} with those kept for reuse`}
        . {explanation !== null && visible(explanation)}
      </p>
      {differences.length > 0 && (
        <table class="list" data-differences={differences.length}>
          <thead>
            <tr>
              <th scope="col">Difference</th>
              <th scope="col">Why</th>
              <th scope="col" class="number">
                Bytes
              </th>
            </tr>
          </thead>
          <tbody>
            {differences.slice(0, DIFFERENCES).map(({ cause, name, op, buffers, bytes }, index) => (
              <tr key={String(index)}>
                <td>
                  {op === null ? <span class="mono">{visible(name)}</span> : <OpLink op={op} />}
                  {buffers > 1 && <span class="dim"> {buffers} buffers</span>}
                </td>
                <td class="dim">{cause}</td>
                <td class="number" title={exactChange(bytes, "bytes")}>
                  {shortChange(bytes, "bytes")}
                </td>
              </tr>
            ))}
            {rest.length > 0 && (
              <tr>
                <td class="dim">{rest.length.toLocaleString("en")} more, each smaller</td>
                <td />
                <td class="number">
                  {shortChange(sumOf(rest.map(({ bytes }) => bytes)), "bytes")}
                </td>
              </tr>
            )}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Holders() {
  const { model } = useStore();
  const { holders, others } = model.document.memory;
  const total = Number(model.document.totals.peakBytes);
  const rows = holders.slice(0, 40);
  const rest = holders.slice(40);
  const more = others.count + rest.length;
  const moreBytes = others.bytes + rest.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <section class="section">
      <h3>Alive at the peak</h3>
      <table class="list" data-holders={holders.length + others.count}>
        <thead>
          <tr>
            <th scope="col">Buffer</th>
            <th scope="col" class="type">
              Type
            </th>
            <th scope="col" class="number">
              Bytes
            </th>
            <th scope="col" class="number">
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ value, bytes }) => {
            const maker = model.makerOf(value);
            return (
              <tr key={value}>
                <td>
                  {maker === undefined ? (
                    <span class="mono">{model.valueName(value)}</span>
                  ) : (
                    <>
                      result of <OpLink op={maker} />{" "}
                      <span class="dim">{model.scopePath(model.scopeOf(maker))}</span>
                    </>
                  )}
                </td>
                <td class="mono dim type">{model.valueType(value)}</td>
                <td class="number" title={exactly(bytes, "bytes")}>
                  {shortly(bytes, "bytes")}
                </td>
                <td class="number dim">{percent(bytes, total)}</td>
              </tr>
            );
          })}
          {more > 0 && (
            <tr>
              <td class="dim">{more.toLocaleString("en")} more, each smaller</td>
              <td class="type" />
              <td class="number">{shortly(moreBytes, "bytes")}</td>
              <td class="number dim">{percent(moreBytes, total)}</td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}
