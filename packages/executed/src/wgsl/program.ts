import type { Work } from "../count/work.ts";
import type { Operation } from "./operations.ts";
import type { ScalarKind } from "./types.ts";

/**
 * A shader as it is run: functions are inlined, vectors are scalars side by side, and names are
 * resolved. Every value is one scalar per invocation.
 */
export interface Program {
  readonly workgroupSize: readonly [x: number, y: number, z: number];
  readonly body: readonly Statement[];
  /** What a run of each block costs one invocation. A `count` statement names its block. */
  readonly blocks: readonly Work[];
  readonly registers: readonly Register[];
  readonly arrays: readonly PrivateArray[];
  readonly memories: readonly Memory[];
  /** The registers that hold what the device gives an invocation. */
  readonly builtIns: readonly BuiltIn[];
  /** The registers that hold how many elements a buffer's array has. */
  readonly lengths: readonly ArrayLength[];
}

/** One scalar variable of each invocation. */
export interface Register {
  readonly id: number;
  readonly kind: ScalarKind;
}

/** An array variable of each invocation. */
export interface PrivateArray {
  readonly id: number;
  /** The kind of its scalars, if they have one. */
  readonly kind: ScalarKind | undefined;
  /** In scalars. */
  readonly length: number;
}

/** What invocations share: a buffer, or memory of the workgroup. */
export interface Memory {
  readonly id: number;
  readonly space: "storage" | "uniform" | "workgroup";
  readonly name: string;
  /** Where a buffer is bound. */
  readonly group: number;
  readonly binding: number;
  /** In words, for memory of the workgroup. */
  readonly words: number;
}

/** The elements of an array that is as long as its buffer: those that fit from `start` on. */
export interface ArrayLength {
  readonly register: Register;
  readonly memory: Memory;
  /** In words, as the next. */
  readonly start: number;
  readonly stride: number;
}

export const BUILT_INS = [
  "workgroup_id",
  "num_workgroups",
  "local_invocation_id",
  "global_invocation_id",
  "local_invocation_index",
  "subgroup_size",
  "subgroup_invocation_id",
] as const;

export interface BuiltIn {
  readonly register: Register;
  readonly name: (typeof BUILT_INS)[number];
  /** 0, 1 or 2 of a vector; 0 of a scalar. */
  readonly axis: number;
}

export type Expression =
  | { readonly kind: "constant"; readonly value: number; readonly of: ScalarKind }
  | { readonly kind: "read"; readonly register: Register }
  /** What is not known, whatever buffers hold: of a texture, or of other invocations. */
  | { readonly kind: "unknown"; readonly of: ScalarKind }
  | {
      readonly kind: "element";
      readonly array: PrivateArray;
      readonly index: Expression;
      readonly of: ScalarKind;
    }
  | {
      readonly kind: "load";
      readonly memory: Memory;
      readonly address: Expression;
      readonly of: ScalarKind;
    }
  | {
      readonly kind: "apply";
      readonly operation: Operation;
      readonly args: readonly Expression[];
      readonly of: ScalarKind;
    };

export type Statement =
  | { readonly kind: "count"; readonly block: number }
  /**
   * `isWhole`: no invocation but those that run it reads the register from then on, so that it may be
   * written for all.
   */
  | {
      readonly kind: "set";
      readonly register: Register;
      readonly value: Expression;
      readonly isWhole: boolean;
    }
  | {
      readonly kind: "set-element";
      readonly array: PrivateArray;
      readonly index: Expression;
      readonly value: Expression;
    }
  | { readonly kind: "clear"; readonly array: PrivateArray }
  | {
      readonly kind: "store";
      readonly memory: Memory;
      readonly address: Expression;
      readonly value: Expression;
      readonly of: ScalarKind;
    }
  | AtomicStatement
  /** `isBranch`: written as a branch; otherwise the second operand of `&&` or `||`. */
  | {
      readonly kind: "if";
      readonly condition: Expression;
      readonly taken: readonly Statement[];
      readonly otherwise: readonly Statement[];
      readonly isBranch: boolean;
    }
  /** Runs `test` before each round, and ends where `condition` is false. */
  | {
      readonly kind: "loop";
      readonly test: readonly Statement[];
      readonly condition: Expression | undefined;
      readonly body: readonly Statement[];
      readonly continuing: readonly Statement[];
      readonly line: number;
    }
  /** A function's body, which `return` leaves, or a switch, which `break` leaves. */
  | {
      readonly kind: "scope";
      readonly leftBy: "return" | "break";
      readonly body: readonly Statement[];
    }
  /** Writes to a texture: the invocation has a result. */
  | { readonly kind: "texture-store" }
  | { readonly kind: "break" | "continue" | "return" }
  | { readonly kind: "barrier" };

export const ATOMICS = {
  atomicLoad: (old: number) => old,
  atomicStore: (_old: number, value: number) => value,
  atomicExchange: (_old: number, value: number) => value,
  atomicAdd: (old: number, value: number) => old + value,
  atomicSub: (old: number, value: number) => old - value,
  atomicMax: (old: number, value: number) => Math.max(old, value),
  atomicMin: (old: number, value: number) => Math.min(old, value),
  atomicAnd: (old: number, value: number) => old & value,
  atomicOr: (old: number, value: number) => old | value,
  atomicXor: (old: number, value: number) => old ^ value,
  /** The expected value comes second. */
  atomicCompareExchangeWeak: (old: number, value: number, expected: number) =>
    old === expected ? value : old,
} as const;

export type AtomicName = keyof typeof ATOMICS;

/** Reads and writes a word at once. `old` gets what was there; `exchanged` whether it was expected. */
export interface AtomicStatement {
  readonly kind: "atomic";
  readonly name: AtomicName;
  readonly memory: Memory;
  readonly address: Expression;
  readonly args: readonly Expression[];
  readonly old: Register;
  readonly exchanged: Register | undefined;
}
