import { type Advice, counted, formatScope, shortBytes } from "@opcounter/ir";
import { fold } from "./lines.ts";

/** Places with the same remedy, the one that saves the most first. */
interface Remedy {
  readonly remedy: string;
  readonly places: readonly Advice[];
}

function byRemedy(advice: readonly Advice[]): Remedy[] {
  const remedies = new Map<string, Advice[]>();
  for (const place of advice) {
    remedies.set(place.remedy, [...(remedies.get(place.remedy) ?? []), place]);
  }
  const all = [...remedies].map(([remedy, places]) => ({ remedy, places }));
  return all.sort((a, b) => sum(b.places).bytes - sum(a.places).bytes);
}

/** The advice by remedy, each with the places that save the most. */
export function renderAdvice(advice: readonly Advice[], top: number, width: number): string {
  if (advice.length === 0) return "Nothing found that could be changed.";
  const remedies = byRemedy(advice);
  const parts = remedies.map(({ remedy, places }, i) => {
    const more = places.length - top;
    return [
      fold(`${i + 1}. ${remedy}`, width, 3),
      `   ${describeSavings(sum(places))}`,
      ...places.slice(0, top).map((place) => fold(`   - ${describePlace(place)}`, width, 5)),
      ...(more > 0 ? [`   … and ${counted(more, "more place")}`] : []),
    ].join("\n");
  });
  if (remedies.length > 1) parts.push(`All together: ${describeSavings(sum(advice))}`);
  return parts.join("\n\n");
}

function describePlace({ scope, ops: [first], finding }: Advice): string {
  if (scope.length > 0) return `${formatScope(scope)}: ${finding}`;
  return first === undefined ? finding : `%${first}: ${finding}`;
}

function describeSavings({ ops, dispatches, bytes }: Advice["saves"]): string {
  if (ops === 0 && dispatches === 0 && bytes === 0)
    return "Saves nothing, but may not run as it is.";
  const parts = [
    ...(ops > 0 ? [counted(ops, "op")] : []),
    ...(dispatches > 0 ? [counted(dispatches, "dispatch", "dispatches")] : []),
    ...(bytes > 0 ? [`${shortBytes(bytes)} of memory traffic`] : []),
  ];
  return `Saves ${parts.join(", ")}.`;
}

function sum(advice: readonly Advice[]): Advice["saves"] {
  const total = (part: keyof Advice["saves"]) =>
    advice.reduce((sum, { saves }) => sum + saves[part], 0);
  return { ops: total("ops"), dispatches: total("dispatches"), bytes: total("bytes") };
}
