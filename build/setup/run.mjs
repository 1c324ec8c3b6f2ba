// Runs a command and collects its output instead of printing it.
import { spawn } from "node:child_process";

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, signal?: AbortSignal }} options
 * @returns {Promise<{ ok: boolean, output: string, ms: number }>} never rejects; errors are part of the output
 */
export function runQuietly(command, args, options) {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    const collect = (/** @type {string} */ text) => void (output += text);
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    const end = (/** @type {boolean} */ ok) => resolve({ ok, output, ms: performance.now() - startedAt });
    child.once("error", (error) => {
      output += `${command}: ${error.message}\n`;
      end(false);
    });
    child.once("close", (code, signal) => {
      if (signal !== null) output += `${command} was ended by ${signal}\n`;
      end(code === 0);
    });
  });
}

/** @param {number} ms */
export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
