import { counted, shortBytes } from "../wording.ts";
import type { SavedAmount, Savings } from "./advice-rule.ts";

/** Each saving with its words, what weighs most first. */
const WORDS: readonly (readonly [SavedAmount, (amount: number) => string])[] = [
  ["milliseconds", (amount) => `about ${amount.toPrecision(3)} ms`],
  ["hostOps", (amount) => counted(amount, "kernel on the host", "kernels on the host")],
  ["waits", (amount) => counted(amount, "wait for the GPU", "waits for the GPU")],
  ["bytesUploaded", (amount) => `${shortBytes(amount)} uploaded`],
  ["ops", (amount) => counted(amount, "op")],
  ["dispatches", (amount) => counted(amount, "dispatch", "dispatches")],
  ["bytesRead", (amount) => `${shortBytes(amount)} read`],
  ["bytesWritten", (amount) => `${shortBytes(amount)} written`],
];

/** What several places save together. */
export function savedTogether(places: readonly { readonly saves: Savings }[]): Savings {
  const total = (part: SavedAmount) =>
    places.reduce((sum, { saves }) => sum + (saves[part] ?? 0), 0);
  return {
    ...(places.some(({ saves }) => saves.of !== undefined) && { of: "forward" }),
    ops: total("ops"),
    dispatches: total("dispatches"),
    bytesRead: total("bytesRead"),
    bytesWritten: total("bytesWritten"),
    bytesUploaded: total("bytesUploaded"),
    hostOps: total("hostOps"),
    waits: total("waits"),
    ...(places.some(({ saves }) => saves.bytesStored !== undefined) && {
      bytesStored: total("bytesStored"),
    }),
    ...(places.some(({ saves }) => saves.milliseconds !== undefined) && {
      milliseconds: total("milliseconds"),
    }),
  };
}

/** One sentence: `A pass saves 51 kernels on the host, 29.45 MiB uploaded.` */
export function savingsInWords(saves: Savings): string {
  const parts = (sign: 1 | -1) =>
    WORDS.flatMap(([name, words]) => {
      const amount = sign * (saves[name] ?? 0);
      return amount > 0 ? [words(amount)] : [];
    }).join(", ");
  const [less, more] = [parts(1), parts(-1)];
  const { bytesStored = 0 } = saves;
  if (bytesStored > 0 && less === "" && more === "") {
    return `The download shrinks by ${shortBytes(bytesStored)}, and a pass stays as it is.`;
  }
  if (less === "" && more === "") return "A pass saves nothing, but it does not run as it is.";
  const pass = saves.of === undefined ? "A pass" : "The forward pass";
  return `${pass} saves ${less || "nothing"}${more === "" ? "" : `, and costs ${more} more`}.`;
}
