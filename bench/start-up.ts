/** What a short command costs, beside what importing TensorFlow.js alone costs. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inTurn, type Table } from "./turns.ts";

const ROUNDS = 15;
const IMPORT = "import('@tensorflow/tfjs').then(() => import('@tensorflow/tfjs-backend-webgpu'))";
interface Usage {
  readonly userCPUTime: number;
  readonly systemCPUTime: number;
  /** In KiB. */
  readonly maxRSS: number;
}

/**
 * Start-up and memory of the command line, as one table. Its compiled code is kept in a folder of its
 * own: what is kept is what the first run of a command compiles.
 */
export async function startUp(): Promise<Table> {
  const cache = mkdtempSync(join(tmpdir(), "opcounter-bench-"));
  try {
    return await startUpWith({ ...process.env, XDG_CACHE_HOME: cache });
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

async function startUpWith(env: NodeJS.ProcessEnv): Promise<Table> {
  const programs = [
    { name: "importing tfjs and its WebGPU backend", args: ["-e", IMPORT] },
    {
      name: "`opcounter profile resnet50`",
      args: ["packages/cli/dist/cli.cjs", "profile", "resnet50"],
    },
    { name: "`opcounter --version`", args: ["packages/cli/dist/cli.cjs", "--version"] },
  ];
  const memory = new Map<string, number[]>();
  const outcomes = await inTurn(
    ROUNDS,
    programs.map(({ name, args }) => ({
      name,
      run: () => {
        const { userCPUTime, systemCPUTime, maxRSS } = usageOf(args, env);
        memory.set(name, [...(memory.get(name) ?? []), maxRSS]);
        return (userCPUTime + systemCPUTime) / 1000;
      },
    })),
  );
  const most = (name: string) => Math.max(...(memory.get(name) ?? [])) * 1024;
  const imported = most(programs[0]?.name ?? "");
  return {
    name: "start-up",
    columns: ["program", "processor time", "to importing", "most memory", "to importing"],
    rows: outcomes.map(({ name, median, ratio }) => [
      ...[name, `${(median / 1000).toFixed(2)} s`, ratio.toFixed(2)],
      ...[`${Math.round(most(name) / 1e6)} MB`, (most(name) / imported).toFixed(2)],
    ]),
  };
}

function usageOf(args: readonly string[], env: NodeJS.ProcessEnv): Usage {
  const stdio = ["ignore", "ignore", "ignore", "pipe"] as const;
  const { status, output } = spawnSync(
    process.execPath,
    ["--require", "./bench/usage.cjs", ...args],
    {
      stdio: [...stdio],
      encoding: "utf8",
      env,
    },
  );
  if (status !== 0) throw new Error(`node ${args.join(" ")} failed`);
  return JSON.parse(output[3] ?? "");
}
