// Runs command lines and tells what they took.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

const report = `data:text/javascript,${encodeURIComponent(
  "process.on('exit', () => { const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage(); process.stderr.write(`USED ${userCPUTime + systemCPUTime} ${maxRSS}\\n`); })",
)}`;

/** A program of Node, in seconds of the processor and MiB. What it starts is not counted.
 *  @param codes  those that are no failure */
export function node(args, { codes = [0], ...options } = {}) {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(process.execPath, ['--import', report, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    timeout: 1_800_000,
    ...options,
  });
  if (error !== undefined) throw error;
  if (!codes.includes(status))
    throw new Error(`${args.join(' ')} ended with ${status}: ${stderr.slice(-2000)}`);
  const [, microseconds = '0', kilobytes = '0'] = /USED (\d+) (\d+)/.exec(stderr) ?? [];
  return {
    seconds: Number(microseconds) / 1e6,
    wall: (performance.now() - start) / 1000,
    peak: Number(kilobytes) / 1024,
    size: stdout?.length ?? 0,
  };
}

/** Another program, by the clock; undefined: it is not here.
 *  @param codes  exit codes that say it did its work */
export function other(command, args, { codes = [0], ...options } = {}) {
  const start = performance.now();
  const { status, error, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    ...options,
  });
  if (error?.code === 'ENOENT') return undefined;
  if (error !== undefined) throw error;
  if (!codes.includes(status)) throw new Error(`${command} ended with ${status}: ${stderr.slice(-500)}`);
  return (performance.now() - start) / 1000;
}

export function medianOf(times, once) {
  const all = Array.from({ length: times }, (_, index) => once(index));
  if (all.includes(undefined)) return undefined;
  const key = (each) => (typeof each === 'number' ? each : each.seconds);
  return all.sort((one, two) => key(one) - key(two))[Math.floor(times / 2)];
}

export function seconds(value) {
  if (value === undefined) return 'not here';
  return value < 1 ? `${(value * 1000).toFixed(value < 0.01 ? 2 : 0)} ms` : `${value.toFixed(1)} s`;
}

export function inFolder(folder, run) {
  try {
    return run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
