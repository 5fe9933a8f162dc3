import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type DispatchWork, WORK_KINDS, type Work, type WorkCache } from "@opcounter/executed";
import { cacheFolder } from "@opcounter/tracer/node";
import * as z from "zod";
import { replaceFile } from "../replace-file.ts";

/** More would take longer to read than to count what one model has. */
const MOST_KEPT = 20_000;

const amount = z.union([z.number(), z.literal("∞").transform(() => Number.POSITIVE_INFINITY)]);
const amounts = z.array(amount).length(WORK_KINDS.length);
const entry = z.object({
  work: amounts,
  atMost: z.exactOptional(amounts),
  idle: amounts,
  counts: z.array(z.number()).length(5),
});
const file = z.record(z.string(), entry);

/** What earlier runs counted, in a file of the user's cache folder: as much as was used last. */
export class KeptWork implements WorkCache {
  readonly #path: string;
  readonly #known: Map<string, DispatchWork>;
  #isChanged = false;

  /** @param most how many dispatches the file has at most. */
  constructor(
    path = join(cacheFolder(), "executed.json"),
    readonly most = MOST_KEPT,
  ) {
    this.#path = path;
    this.#known = readKept(path);
  }

  get(key: string): DispatchWork | undefined {
    const work = this.#known.get(key);
    if (work !== undefined) this.#use(key, work);
    return work;
  }

  set(key: string, work: DispatchWork): void {
    this.#use(key, work);
    this.#isChanged = true;
  }

  /** What was used last comes last, and is kept longest. */
  #use(key: string, work: DispatchWork): void {
    this.#known.delete(key);
    this.#known.set(key, work);
  }

  /** Writes the file, if anything is new. Where it cannot be written, the next run counts again. */
  keep(): void {
    if (!this.#isChanged) return;
    // Another thread or process may have written what it counted meanwhile.
    const others = [...readKept(this.#path)].filter(([key]) => !this.#known.has(key));
    const newest = [...others, ...this.#known].slice(-this.most);
    const packedWork = newest.map(([key, work]) => [key, packed(work)] as const);
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      replaceFile(this.#path, JSON.stringify(Object.fromEntries(packedWork)), 0o600);
    } catch {
      // The next run counts again.
    }
  }
}

/** What the file holds; nothing where there is none, or it is torn or of another version. */
function readKept(path: string): Map<string, DispatchWork> {
  try {
    const kept = file.parse(JSON.parse(readFileSync(path, "utf8")));
    return new Map(Object.entries(kept).map(([key, each]) => [key, unpacked(each)]));
  } catch {
    return new Map();
  }
}

function packed({ work, atMost, idle, ...counts }: DispatchWork) {
  const { invocations, idleInvocations, barriers, divergences, classes } = counts;
  return {
    work: listed(work),
    ...(atMost === undefined ? {} : { atMost: listed(atMost) }),
    idle: listed(idle),
    counts: [invocations, idleInvocations, barriers, divergences, classes],
  };
}

function unpacked({ work, atMost, idle, counts }: z.infer<typeof entry>): DispatchWork {
  const [invocations = 0, idleInvocations = 0, barriers = 0, divergences = 0, classes = 0] = counts;
  return {
    work: named(work),
    ...(atMost === undefined ? {} : { atMost: named(atMost) }),
    idle: named(idle),
    ...{ invocations, idleInvocations, barriers, divergences, classes },
  };
}

function listed(work: Readonly<Work>): (number | string)[] {
  return WORK_KINDS.map((kind) => (Number.isFinite(work[kind]) ? work[kind] : "∞"));
}

function named(list: readonly number[]): Work {
  const pairs = WORK_KINDS.map((kind, i) => [kind, list[i] ?? 0]);
  // Sound: it has every kind.
  return Object.fromEntries(pairs) as Work;
}
