import { type Cost, type CostReport, exact, type Integer } from "@opcounter/counters";
import { grouped, namesToChoose, OpcounterError, shortBytes } from "@opcounter/ir";
import { amount, milliseconds, short, shortAmount } from "./numbers.ts";

/** How numbers in rows are written: in three or four digits, or in all of them. */
export type Units = "short" | "full";

/** What the figures of a row are read from. Null where rows of this kind have no such figure. */
export interface Figures extends Cost {
  readonly ops: number | null;
  readonly calls: number | null;
  readonly params: Integer | null;
  /** Elements of the weights that another row has among its parameters. */
  readonly shared: Integer | null;
  /** The most bytes that are alive while an op of the row runs. */
  readonly memory: number | null;
}

/** A number that every row has, or every row of some kinds. */
export interface Figure {
  /** As `--sort` and `--columns` name it. */
  readonly name: string;
  readonly title: string;
  /** See `Column`. */
  readonly rank: number;
  /** Whether it is a column without being asked for. */
  readonly usual: boolean;
  /** Whether rows that have nothing in common add up to its total. */
  readonly addsUp: boolean;
  readonly valueIn: (row: Figures) => number | bigint | null;
  readonly text: (value: number | bigint, units: Units) => string;
}

const count = (value: number | bigint, units: Units) =>
  units === "full" ? grouped(value) : short(value);
const whole = (value: number | bigint) => grouped(value);
const bytes = (value: number | bigint, units: Units) =>
  units === "full" ? grouped(value) : shortBytes(value);
const time = (value: number | bigint) => milliseconds(Number(value));

type Basic = Pick<Figure, "name" | "rank" | "text" | "valueIn"> &
  Partial<Pick<Figure, "title" | "usual" | "addsUp">>;

function basic({ title, usual = true, addsUp = true, ...rest }: Basic): Figure {
  return { ...rest, title: title ?? rest.name, usual, addsUp };
}

/** In the order of their columns. `macs` and `flops` are those of the report's convention. */
const BASIC: readonly Figure[] = [
  basic({ name: "calls", rank: 6, text: whole, valueIn: ({ calls }) => calls }),
  basic({ name: "ops", rank: 3.8, text: whole, valueIn: ({ ops }) => ops }),
  // Rows that use the same weights have them all, so they may add up to more than the model's.
  basic({ name: "params", rank: 8, text: count, addsUp: false, valueIn: ({ params }) => params }),
  basic({ name: "shared", rank: 6, text: count, addsUp: false, valueIn: ({ shared }) => shared }),
  basic({ name: "macs", title: "MACs", rank: 9, text: count, valueIn: ({ macs }) => macs }),
  basic({ name: "flops", rank: 6, text: count, valueIn: ({ flops }) => flops }),
  basic({
    ...{ name: "transcendentals", rank: 1, usual: false, text: count },
    valueIn: ({ transcendentals }) => transcendentals,
  }),
  basic({
    ...{ name: "bytes", rank: 5, text: bytes },
    valueIn: ({ bytesRead, bytesWritten }) => exact(BigInt(bytesRead) + BigInt(bytesWritten)),
  }),
  basic({
    ...{ name: "bytesRead", title: "bytes read", rank: 1, usual: false, text: bytes },
    valueIn: ({ bytesRead }) => bytesRead,
  }),
  basic({
    ...{ name: "bytesWritten", title: "bytes written", rank: 1, usual: false, text: bytes },
    valueIn: ({ bytesWritten }) => bytesWritten,
  }),
  basic({
    ...{ name: "memory", rank: 1, usual: false, addsUp: false, text: bytes },
    valueIn: ({ memory }) => memory,
  }),
  basic({ name: "activations", rank: 0, text: count, valueIn: ({ activations }) => activations }),
  basic({ name: "dispatches", rank: 4, text: whole, valueIn: ({ dispatches }) => dispatches }),
  basic({
    ...{ name: "hostOps", title: "on host", rank: 3.5, text: whole },
    valueIn: ({ hostOps }) => (hostOps === 0 ? null : hostOps),
  }),
  basic({
    ...{ name: "hostBytesUploaded", title: "bytes uploaded", rank: 1, usual: false, text: bytes },
    valueIn: ({ hostBytesUploaded }) => hostBytesUploaded,
  }),
  basic({
    ...{ name: "invocations", rank: 1, usual: false, text: count },
    valueIn: ({ invocations }) => invocations,
  }),
  basic({
    ...{ name: "time", title: "GPU time", rank: 8.2, text: time },
    valueIn: ({ gpuTimeMs }) => gpuTimeMs,
  }),
];

/** Names that `--sort` takes, besides those of the user's own costs. */
const BASIC_NAMES: readonly string[] = BASIC.map(({ name }) => name);

/** Below MACs, so that a long name leaves them, and above all else. */
const OWN_RANK = 8.5;

/** The figures of a report, the user's own costs at the end. Those come first by their names. */
export function figuresOf({ costs, macs }: Pick<CostReport, "costs" | "macs">): Figure[] {
  const own = costs.map(
    ({ name, unit, total }): Figure => ({
      ...{ name, title: `${name} (${unit})`, rank: OWN_RANK, usual: true },
      addsUp: total === "sum",
      valueIn: (row) => row.costs[name] ?? null,
      text: (value, units) => (units === "full" ? amount(value) : shortAmount(value)),
    }),
  );
  const names = new Set(own.map(({ name }) => name));
  const basic = BASIC.filter(({ name }) => !names.has(name));
  return [...(macs === null ? basic.flatMap(withoutMacs) : basic), ...own];
}

/** Under a convention without MACs, the table is about its FLOPs. */
function withoutMacs(figure: Figure): Figure[] {
  if (figure.name === "macs") return [];
  return figure.name === "flops" ? [{ ...figure, title: "FLOPs", rank: 9 }] : [figure];
}

/** The figure that the table is about: MACs, or FLOPs under a convention that counts those. */
export function headlineOf({ macs }: Pick<CostReport, "macs">): "macs" | "flops" {
  return macs === null ? "flops" : "macs";
}

/**
 * Checks the value of `--sort` before anything runs.
 *
 * @param own the names of the user's own costs.
 * @throws OpcounterError where there is no such quantity.
 */
export function checkSort(sort: string | undefined, own: readonly string[]): void {
  const names = [...BASIC_NAMES, ...own];
  if (sort === undefined || names.includes(sort)) return;
  throw new OpcounterError("cost-unknown", `There is no cost "${sort}" to sort by.`, {
    remedy: namesToChoose(sort, names),
  });
}
