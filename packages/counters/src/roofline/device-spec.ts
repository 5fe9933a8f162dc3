/** What a device can do. Published by its maker, or measured by `opcounter calibrate`. */
export interface DeviceSpec {
  readonly name: string;
  /** Where the figures come from. */
  readonly source?: string | undefined;
  /** Float32 operations per second; a fused multiply-add is two. */
  readonly flops: number;
  /** Bytes per second from and to the device's memory. */
  readonly bandwidth: number;
  /** Exponentials, roots and the like per second; taken as `flops` where it is not known. */
  readonly transcendentals?: number | undefined;
  /**
   * Operations on 32-bit integers per second; a product and a sum are two. What shaders execute is
   * held against it, as formulas count none.
   */
  readonly integers?: number | undefined;
  /**
   * Float32 operations per second of a matrix product that launches a single workgroup. A dispatch
   * of w workgroups does at most w times as many, and never more than `flops`.
   */
  readonly workgroupFlops?: number | undefined;
  /** The time of a dispatch that does next to nothing, on a busy device, in nanoseconds. */
  readonly launchNs?: number | undefined;
  /** A device that idles between dispatches, and so lowers its clock. */
  readonly idle?: IdleDevice | undefined;
  /** The times of uploads and of readbacks, by size. */
  readonly uploads?: readonly TransferTime[] | undefined;
  readonly readbacks?: readonly TransferTime[] | undefined;
  /** By WebGPU program: how near TensorFlow.js's program comes to the device's limits. */
  readonly programs?: Readonly<Record<string, Efficiency>> | undefined;
  /** The same for programs that `programs` has not. */
  readonly otherPrograms?: Efficiency | undefined;
}

/** How long it takes to move some bytes between the host and the device, as a program waits. */
export interface TransferTime {
  readonly bytes: number;
  readonly ms: number;
}

export interface IdleDevice {
  /** The time of a dispatch that does next to nothing, in nanoseconds. */
  readonly launchNs: number;
  /** How many times as long arithmetic takes as on a busy device. */
  readonly slowdown: number;
}

/** How near a program comes to the device's limits, and how sure that is. */
export interface Efficiency {
  /** The least time by the limits / the time that the program takes beyond the launch. */
  readonly efficiency: number;
  /**
   * Eight of ten ops of models that the fit had not seen took between `low` and `high` times what
   * was predicted.
   */
  readonly low: number;
  readonly high: number;
}
