import { once } from "node:events";
import { availableParallelism } from "node:os";
import { type MessagePort, Worker } from "node:worker_threads";
import { reasonOf } from "@opcounter/ir";
import { type ZooQuestion, type ZooRow, zooRow } from "./zoo-row.ts";

/** A model that could not be counted. */
export interface ZooFailure {
  readonly name: string;
  readonly error: string;
}

/**
 * Counts models of the zoo in worker threads, one per core. A thread that is done takes the next
 * model. The results are in the order of the names.
 *
 * @param asked what is counted of each.
 * @param file the bundle, which calls `serveZooRows` when it runs as a worker.
 * @param onDone called for each model that is done.
 */
export async function zooRows(
  names: readonly string[],
  asked: Omit<ZooQuestion, "name">,
  file: string,
  onDone: (name: string) => void,
): Promise<(ZooRow | ZooFailure)[]> {
  const results = new Map<string, ZooRow | ZooFailure>();
  const waiting = names.values();
  const work = async () => {
    let worker: Worker | undefined;
    // The lanes share the iterator, so each name goes to one lane.
    for (const name of waiting) {
      worker ??= new Worker(file);
      try {
        results.set(name, await ask(worker, { ...asked, name }));
      } catch (error) {
        // The thread is gone; the next model gets a new one.
        worker = undefined;
        results.set(name, { name, error: reasonOf(error) });
      }
      onDone(name);
    }
    await worker?.terminate();
  };
  const lanes = Math.min(availableParallelism(), names.length);
  await Promise.all(Array.from({ length: lanes }, work));
  return names.map((name) => {
    const result = results.get(name);
    if (result === undefined) throw new Error(`the model ${name} was not counted`);
    return result;
  });
}

/** Asks a worker for a model's row. @throws Error where the worker ends instead. */
async function ask(worker: Worker, question: ZooQuestion): Promise<ZooRow | ZooFailure> {
  const ended = new AbortController();
  const onExit = () => ended.abort();
  worker.once("exit", onExit);
  try {
    worker.postMessage(question);
    const [answer] = await once(worker, "message", ended);
    return answer;
  } catch (error) {
    throw ended.signal.aborted ? new Error("its thread ended") : error;
  } finally {
    worker.off("exit", onExit);
  }
}

/** The side of the worker: answers each name with its row, or with the reason of its failure. */
export function serveZooRows(port: MessagePort): void {
  port.on("message", async (question: ZooQuestion) => {
    try {
      port.postMessage(await zooRow(question));
    } catch (error) {
      const { name } = question;
      port.postMessage({ name, error: reasonOf(error) } satisfies ZooFailure);
    }
  });
}
