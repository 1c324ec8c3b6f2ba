import { spawnSync } from "node:child_process";

/** Milliseconds of one run. */
export type Sample = () => number | Promise<number>;

export interface Measured {
  median: number;
  /** Half of all samples lie within this distance of each other, in per cent of the median: the noise. */
  noise: number;
  samples: number;
}

/**
 * Takes `rounds` samples of each subject in turn, so that other load on the machine affects all alike. The first round
 * warms caches and does not count.
 */
export async function interleaved<Name extends string>(
  rounds: number,
  subjects: Record<Name, Sample>,
): Promise<Record<Name, Measured>> {
  const names = Object.keys(subjects) as Name[];
  const samples = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      const ms = await subjects[name]();
      if (round >= 0) samples.get(name)?.push(ms);
    }
  }
  return Object.fromEntries(names.map((name) => [name, summarize(samples.get(name) ?? [])])) as Record<Name, Measured>;
}

export function summarize(samples: readonly number[]): Measured {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
  return { median: at(0.5), noise: ((at(0.75) - at(0.25)) / at(0.5)) * 100, samples: sorted.length };
}

/** Runs a program to its end; its exit code must be 0. Returns ms. */
export function timedRun(file: string, args: readonly string[], env: NodeJS.ProcessEnv): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(file, args, { env, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  const ms = performance.now() - started;
  if (status !== 0) throw new Error(`${args.join(" ")} exited with ${status}: ${stderr}`);
  return ms;
}

export function row(name: string, { median, noise, samples }: Measured, unit = "ms"): void {
  const value = `${median.toFixed(2).padStart(9)} ${unit.padEnd(2)}`;
  console.log(`  ${name.padEnd(44)} ${value}   ±${noise.toFixed(0).padStart(3)} %   n=${samples}`);
}

/** Prints a ratio, or a figure of another unit, with its budget; the run fails when it is exceeded. */
export function ratio(name: string, value: number, budget: number, unit = "×"): void {
  const within = value <= budget;
  if (!within) process.exitCode = 1;
  console.log(
    `  ${name.padEnd(44)} ${value.toFixed(2).padStart(9)} ${unit.padEnd(2)}   budget ${budget} ${unit}   ${within ? "within" : "OVER"}`,
  );
}
