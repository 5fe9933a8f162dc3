import {
  type Advice,
  type AdviceFinding,
  type Advised,
  counted,
  formatScope,
  type Savings,
  shortBytes,
} from "@opcounter/ir";
import { fold } from "./lines.ts";

/** Places with the same remedy, the one that saves the most first. */
interface Remedy {
  readonly remedy: string;
  readonly places: readonly Advice[];
}

/** Remedies in the order of the place that saves the most. */
function byRemedy(advice: readonly Advice[]): Remedy[] {
  const remedies = new Map<string, Advice[]>();
  for (const place of advice) {
    remedies.set(place.remedy, [...(remedies.get(place.remedy) ?? []), place]);
  }
  return [...remedies].map(([remedy, places]) => ({ remedy, places }));
}

/** The advice by remedy, each with the places that save the most; then what has no remedy. */
export function renderAdvice({ advice, findings }: Advised, top: number, width: number): string {
  if (advice.length === 0 && findings.length === 0) return "Nothing found that could be changed.";
  const places = (all: readonly AdviceFinding[]) => [
    ...all.slice(0, top).map((place) => fold(`   - ${describePlace(place)}`, width, 5)),
    ...(all.length > top ? [`   … and ${counted(all.length - top, "more place")}`] : []),
  ];
  const remedies = byRemedy(advice).map(({ remedy, places: all }, i) =>
    [
      fold(`${i + 1}. ${remedy}`, width, 3),
      fold(`   ${describeSavings(sum(all))}`, width, 3),
      ...places(all),
    ].join("\n"),
  );
  if (findings.length > 0) {
    remedies.push(["Found, but without a remedy:", ...places(findings)].join("\n"));
  }
  return remedies.join("\n\n");
}

function describePlace({ scope, ops: [first], finding }: AdviceFinding): string {
  if (scope.length > 0) return `${formatScope(scope)}: ${finding}`;
  return first === undefined ? finding : `%${first}: ${finding}`;
}

/** Each saving with its words, in the order of the report. */
const SAVINGS: readonly (readonly [keyof Savings, (amount: number) => string])[] = [
  ["milliseconds", (amount) => `about ${amount.toPrecision(3)} ms`],
  ["hostOps", (amount) => counted(amount, "kernel on the host", "kernels on the host")],
  ["waits", (amount) => counted(amount, "wait for the GPU", "waits for the GPU")],
  ["bytesUploaded", (amount) => `${shortBytes(amount)} uploaded`],
  ["ops", (amount) => counted(amount, "op")],
  ["dispatches", (amount) => counted(amount, "dispatch", "dispatches")],
  ["bytesRead", (amount) => `${shortBytes(amount)} read`],
  ["bytesWritten", (amount) => `${shortBytes(amount)} written`],
];

function describeSavings(saves: Savings): string {
  const parts = (sign: 1 | -1) =>
    SAVINGS.flatMap(([name, words]) => {
      const amount = sign * (saves[name] ?? 0);
      return amount > 0 ? [words(amount)] : [];
    }).join(", ");
  const [less, more] = [parts(1), parts(-1)];
  if (less === "" && more === "") return "Saves nothing, but does not run as it is.";
  return `A pass saves ${less}${more === "" ? "" : `, and costs ${more} more`}.`;
}

function sum(advice: readonly Advice[]): Savings {
  const total = (part: keyof Savings) =>
    advice.reduce((sum, { saves }) => sum + (saves[part] ?? 0), 0);
  return {
    ops: total("ops"),
    dispatches: total("dispatches"),
    bytesRead: total("bytesRead"),
    bytesWritten: total("bytesWritten"),
    bytesUploaded: total("bytesUploaded"),
    hostOps: total("hostOps"),
    waits: total("waits"),
    milliseconds: total("milliseconds"),
  };
}
