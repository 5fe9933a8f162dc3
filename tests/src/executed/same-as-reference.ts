import { addWork, noWork, type Work, WorkgroupRunner } from "@opcounter/executed";
import { expect } from "chai";
import { programOf } from "../../../packages/executed/src/compute/launch.ts";
import { Words } from "../../../packages/executed/src/run/memories.ts";
import {
  type ReferenceLaunch,
  ReferenceModule,
} from "../../../packages/executed/testing/reference.ts";

/** What all workgroups execute together. */
interface Sum {
  readonly work: Work;
  readonly idle: Work;
  idleInvocations: number;
  barriers: number;
}

/**
 * Runs a shader of one bind group with its closures, and with the reference interpreter: both store
 * and count the same.
 */
export function expectSameAsReference(source: string, launch: ReferenceLaunch, what = ""): void {
  const [ours, plain] = [copied(launch), copied(launch)];
  const runner = new WorkgroupRunner(programOf({ source }), boundTo(ours), true);
  const reference = new ReferenceModule(source);
  const [counted, expected] = [nothing(), nothing()];
  for (const at of places(launch.workgroups)) {
    const counts = runner.run({ low: at, high: at });
    add(counted, { ...counts, work: counts.least, barriers: counts.barriers.least });
    add(expected, reference.run(at, plain));
  }
  // How often an exchange is tried again depends on the order in which invocations run.
  if (!source.includes("atomicCompareExchangeWeak")) {
    expect(counted, what).to.deep.equal(expected);
  }
  for (const [binding, bytes] of plain.buffers) {
    const stored = words(ours.buffers.get(binding) ?? new ArrayBuffer(0));
    expect(stored, `${what} binding ${binding}`).to.deep.equal(words(bytes));
  }
}

/** The launch of a runner on these buffers. */
export function boundTo({ workgroups, buffers }: ReferenceLaunch) {
  const bytesOf = ({ binding }: { binding: number }) => buffers.get(binding);
  return {
    workgroups,
    sizeOf: (memory: { binding: number }) => bytesOf(memory)?.byteLength,
    contentsOf: (memory: { binding: number }) => {
      const bytes = bytesOf(memory);
      return bytes && new Words(bytes);
    },
  };
}

/** The words of a buffer. What is no number has the sign that the processor gives it. */
function words(bytes: ArrayBuffer): number[] {
  return [...new Uint32Array(bytes)].map((word) => (word === 0xffc00000 ? 0x7fc00000 : word));
}

function nothing(): Sum {
  return { work: noWork(), idle: noWork(), idleInvocations: 0, barriers: 0 };
}

function add(sum: Sum, counts: Readonly<Sum>): void {
  addWork(sum.work, counts.work);
  addWork(sum.idle, counts.idle);
  sum.idleInvocations += counts.idleInvocations;
  sum.barriers += counts.barriers;
}

function copied({ workgroups, buffers }: ReferenceLaunch): ReferenceLaunch {
  return {
    workgroups,
    buffers: new Map([...buffers].map(([key, bytes]) => [key, bytes.slice(0)])),
  };
}

/**
 * The workgroups that both run: of each dimension the first two and the last, since those between
 * run the same code. A product may have a workgroup for each element, of 256 invocations.
 */
function places([x, y, z]: ReferenceLaunch["workgroups"]): (readonly [number, number, number])[] {
  return some(z).flatMap((k) => some(y).flatMap((j) => some(x).map((i) => [i, j, k] as const)));
}

function some(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i).filter((i) => i < 2 || i === count - 1);
}
