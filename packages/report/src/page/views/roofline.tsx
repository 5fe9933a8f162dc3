import { visible } from "@opcounter/ir/core";
import { scaleLog } from "d3-scale";
import { useMemo, useState } from "preact/hooks";
import type { DeviceLimits } from "../../document/document.ts";
import { milliseconds, rate, shortly } from "../format.ts";
import { pressable, useWidth } from "../hooks.ts";
import { Legend } from "../legend.tsx";
import { type RooflinePoint, rooflinePoints } from "../model/roofline.ts";
import { useStore } from "../store.ts";
import { Empty } from "./empty.tsx";

const HEIGHT = 440;
const MARGIN = { left: 84, right: 20, top: 20, bottom: 44 };
/** Points that are drawn at most, the dearest; more hide each other. */
const MOST_POINTS = 2000;

/** Ops by their intensity and their rate, under the roof that a device's limits are. */
export function RooflinePlot() {
  const { model } = useStore();
  const { ref, width } = useWidth();
  const [limits, setLimits] = useState(model.document.limits);
  const points = useMemo(() => rooflinePoints(model, limits), [model, limits]);
  if (points.length === 0) return <Empty>No op both computes and moves anything.</Empty>;
  const isMeasured = points.some((point) => point.isMeasured);
  return (
    <>
      <div class="caption">
        <p class="sum">
          {limits === null ? (
            <span class="dim">No device’s limits were given.</span>
          ) : (
            <>
              {visible(limits.name)}{" "}
              <span class="dim">
                {rate(limits.flops, "FLOP/s")}, {rate(limits.bandwidth, "B/s")}
                {limits.launchNs !== null && `, ${milliseconds(limits.launchNs / 1e6)} a launch`}
              </span>
            </>
          )}
        </p>
        <LimitsForm limits={limits} onChange={setLimits} />
      </div>
      {limits !== null && limits === model.document.limits && <Predicted />}
      <div ref={ref}>{width > 0 && <Plot width={width} points={points} limits={limits} />}</div>
      <Legend families={new Set(points.map(({ op }) => model.kernel(op).family))} />
      <p class="hint">
        <HowToRead isMeasured={isMeasured} hasLimits={limits !== null} />
      </p>
    </>
  );
}

function HowToRead({ isMeasured, hasLimits }: { isMeasured: boolean; hasLimits: boolean }) {
  if (isMeasured) {
    return <>Filled points were timed: the nearer to the roof, the better the device is used.</>;
  }
  if (hasLimits) {
    return (
      <>
        No op was timed, so each lies where the limits put it; its size is the time that it takes at
        least. Profile with <code>--time</code> to see what ops reach.
      </>
    );
  }
  return (
    <>
      Height is the work of an op. Give limits above, or profile with <code>--device-spec</code>, to
      see the roof.
    </>
  );
}

/** What the whole model takes at least, and what it is expected to take. */
function Predicted() {
  const { predicted } = useStore().model.document;
  if (predicted === null) return null;
  const { leastMs, expected } = predicted.total;
  return (
    <p class="reading">
      At least {milliseconds(leastMs)}, op by op;{" "}
      {expected === null
        ? "no time is expected, since it is not known how near programs come to these limits."
        : `expected ${milliseconds(expected.ms)}, ${milliseconds(expected.lowMs)} to ${milliseconds(expected.highMs)}.`}
    </p>
  );
}

interface LimitsFormProps {
  readonly limits: DeviceLimits | null;
  readonly onChange: (limits: DeviceLimits | null) => void;
}

/** Limits of one's own, in the units that makers print. */
function LimitsForm({ limits, onChange }: LimitsFormProps) {
  const [flops, setFlops] = useState(limits === null ? "" : String(limits.flops / 1e9));
  const [bandwidth, setBandwidth] = useState(limits === null ? "" : String(limits.bandwidth / 1e9));
  const [launch, setLaunch] = useState(
    limits === null || limits.launchNs === null ? "" : String(limits.launchNs / 1e3),
  );
  const give = (flops: string, bandwidth: string, launch: string) => {
    const [f, b, l] = [Number(flops), Number(bandwidth), Number(launch)];
    if (!(f > 0 && b > 0)) return;
    const launchNs = l > 0 ? l * 1e3 : null;
    onChange({ name: "limits as given here", flops: f * 1e9, bandwidth: b * 1e9, launchNs });
  };
  const field = (title: string, name: string, value: string, change: (value: string) => void) => (
    <label class="field">
      <span>{title}</span>
      <input
        name={name}
        inputMode="decimal"
        size={6}
        value={value}
        onInput={({ currentTarget }) => change(currentTarget.value)}
      />
    </label>
  );
  return (
    <fieldset class="limits">
      <legend class="hidden">Limits of a device</legend>
      {field("GFLOP/s", "flops", flops, (value) => {
        setFlops(value);
        give(value, bandwidth, launch);
      })}
      {field("GB/s", "bandwidth", bandwidth, (value) => {
        setBandwidth(value);
        give(flops, value, launch);
      })}
      {field("µs a launch", "launch", launch, (value) => {
        setLaunch(value);
        give(flops, bandwidth, value);
      })}
    </fieldset>
  );
}

interface PlotProps {
  readonly width: number;
  readonly points: readonly RooflinePoint[];
  readonly limits: DeviceLimits | null;
}

function Plot({ width, points, limits }: PlotProps) {
  const { model, selectOp, selection } = useStore();
  const { predicted } = model.document;
  const heightOf = ({ perSecond, operations }: RooflinePoint) => perSecond ?? operations;
  const drawn = [...points]
    .sort((a, b) => (b.ms ?? b.operations) - (a.ms ?? a.operations))
    .slice(0, MOST_POINTS);
  const ridge = limits === null ? undefined : limits.flops / limits.bandwidth;
  const x = scaleLog(
    extent([...points.map(({ intensity }) => intensity), ...(ridge === undefined ? [] : [ridge])]),
    [MARGIN.left, width - MARGIN.right],
  );
  const y = scaleLog(extent([...drawn.map(heightOf), ...(limits === null ? [] : [limits.flops])]), [
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
  ]);
  const longest = Math.max(...drawn.map(({ ms, operations }) => ms ?? operations));
  const unit = limits === null && !points.some(({ isMeasured }) => isMeasured) ? "FLOP" : "FLOP/s";
  return (
    <svg
      class="chart roofline"
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="group"
      aria-label={`Roofline of ${points.length} ops`}
    >
      <Axes x={x} y={y} width={width} unit={unit} />
      {limits !== null && <Roof x={x} y={y} limits={limits} />}
      {drawn.map((point) => {
        const { op, intensity, ms, operations, isMeasured } = point;
        const { name, family } = model.kernel(op);
        const isSelected = selection.value?.kind === "op" && selection.value.index === op;
        const expected = limits === model.document.limits ? predicted?.expectedMs?.[op] : null;
        const says = [
          `%${op} ${name}: ${intensity.toPrecision(3)} FLOP per byte`,
          `${shortly(operations, "count")} FLOP`,
          ...(isMeasured && ms !== null ? [`took ${milliseconds(ms)}`] : []),
          ...(point.least === null
            ? []
            : [`at least ${milliseconds(point.least.ms)}, bound by ${point.least.bound}`]),
          ...(expected == null ? [] : [`expected ${milliseconds(expected)}`]),
        ].join(", ");
        return (
          <circle
            key={op}
            class={`point ${isMeasured ? "measured" : ""} ${isSelected ? "selected" : ""}`}
            data-family={family}
            data-op={op}
            cx={x(intensity)}
            cy={y(heightOf(point))}
            r={3 + 11 * Math.sqrt((ms ?? operations) / longest)}
            {...pressable(says, () => selectOp(op))}
          >
            <title>{says}</title>
          </circle>
        );
      })}
    </svg>
  );
}

/** Whole powers of ten around the values. */
function extent(values: readonly number[]): [number, number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const low = 10 ** Math.floor(Math.log10(least) - 0.1);
  const high = 10 ** Math.ceil(Math.log10(most) + 0.1);
  return [low, high];
}

type Log = ReturnType<typeof scaleLog<number, number>>;

function Axes({ x, y, width, unit }: { x: Log; y: Log; width: number; unit: string }) {
  return (
    <g class="tick">
      {powers(x).map((value) => (
        <g key={`x${value}`}>
          <line x1={x(value)} x2={x(value)} y1={MARGIN.top} y2={HEIGHT - MARGIN.bottom} />
          <text x={x(value)} y={HEIGHT - MARGIN.bottom + 16} text-anchor="middle">
            {tick(value).trimEnd()}
          </text>
        </g>
      ))}
      {powers(y).map((value) => (
        <g key={`y${value}`}>
          <line x1={MARGIN.left} x2={width - MARGIN.right} y1={y(value)} y2={y(value)} />
          <text x={MARGIN.left - 8} y={y(value) + 4} text-anchor="end">
            {`${tick(value)}${unit}`}
          </text>
        </g>
      ))}
      <text x={width - MARGIN.right} y={HEIGHT - 8} text-anchor="end">
        FLOP per byte →
      </text>
    </g>
  );
}

const PREFIXES = ["", "k", "M", "G", "T", "P", "E"];

/** A power of ten with a unit's prefix: `0.1 `, `100 `, `10 k`. */
function tick(value: number): string {
  const step = Math.max(Math.floor(Math.round(Math.log10(value)) / 3), 0);
  return `${value / 10 ** (3 * step)} ${PREFIXES[step] ?? ""}`;
}

/** The powers of ten on an axis: each, or every second or third where they are many. */
function powers(scale: Log): number[] {
  const [low = 1, high = 10] = scale.domain();
  const [first, last] = [Math.round(Math.log10(low)), Math.round(Math.log10(high))];
  const step = Math.ceil((last - first) / 7);
  const exponents: number[] = [];
  for (let exponent = first; exponent <= last; exponent += step) exponents.push(exponent);
  return exponents.map((exponent) => Number(`1e${exponent}`));
}

function Roof({ x, y, limits }: { x: Log; y: Log; limits: DeviceLimits }) {
  const [low = 1, high = 10] = x.domain();
  const [floor = 1] = y.domain();
  const ridge = limits.flops / limits.bandwidth;
  // The slope begins where it enters the plot.
  const begin = Math.max(low, floor / limits.bandwidth);
  return (
    <g class="roof">
      <path
        d={`M${x(begin)} ${y(begin * limits.bandwidth)}L${x(ridge)} ${y(limits.flops)}H${x(high)}`}
      />
      <line x1={x(ridge)} x2={x(ridge)} y1={y(limits.flops)} y2={HEIGHT - MARGIN.bottom} />
      <text x={x(high) - 4} y={y(limits.flops) - 16} text-anchor="end">
        {rate(limits.flops, "FLOP/s")}
      </text>
      <text x={x(ridge) + 6} y={HEIGHT - MARGIN.bottom - 8}>
        {shortly(Number(ridge.toPrecision(3)), "count")} FLOP per byte
      </text>
    </g>
  );
}
