import {
  type Advice,
  type AdviceFinding,
  type Advised,
  counted,
  formatScope,
  savedTogether,
  savingsInWords,
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
      fold(`   ${savingsInWords(savedTogether(all))}`, width, 3),
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
