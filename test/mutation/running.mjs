import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { linesOf } from './mutants.mjs';

/** Folders of tests that are about an area before all others. */
const ownTests = { generators: ['test/generators/', 'test/bundle/'] };

/** Tests that do not end in time, with the mutant or without it. */
const undecided = Symbol('undecided');

/** Runs tests in the copy. */
export class Running {
  isStopped = false;
  #copy;
  #seed;
  #timeout;
  #isOwnOnly;
  #child;
  /** Files of tests that are known to pass, or to fail, without any mutant. */
  #sound = new Map();

  /**
   * @param {string} copy a checkout that nobody else uses, with its packages
   * @param {{ seed: number, timeout: number, isOwnOnly: boolean }} settings seconds after which tests are ended; they count as failed if they end
   *   in time without the mutant
   */
  constructor(copy, { seed, timeout, isOwnOnly }) {
    this.#copy = copy;
    this.#seed = seed;
    this.#timeout = timeout;
    this.#isOwnOnly = isOwnOnly;
  }

  /** Ends the tests under way. */
  stop() {
    this.isStopped = true;
    this.#kill();
  }

  /** Whether some test fails with the mutant: those of its own area first, then all others that reach it. */
  async judge(mutant, tests) {
    const file = join(this.#copy, mutant.path);
    const text = readFileSync(file, 'utf8');
    const { line, before, after, changed } = linesOf(mutant, text);
    const about = { path: mutant.path, line, what: mutant.what, before, after };
    const own = ownTests[mutant.area] ?? [`test/${mutant.area}/`];
    const isOwn = (test) => own.some((folder) => test.startsWith(folder));
    const started = Date.now();
    for (const [where, some, pattern] of [
      ...examplesOf(mutant.path),
      ['its own tests', tests.filter(isOwn)],
      ['other tests', this.#isOwnOnly ? [] : tests.filter((test) => !isOwn(test))],
    ]) {
      const by = await this.#failing(file, text, changed, some, pattern);
      const seconds = Math.round((Date.now() - started) / 1000);
      if (by === undecided) return { ...about, isKilled: undefined, seconds };
      if (by !== undefined) return { ...about, isKilled: true, where, by, seconds };
    }
    return { ...about, isKilled: false, seconds: Math.round((Date.now() - started) / 1000) };
  }

  /** The first test that fails because of a change: without it, its file passes. */
  async #failing(file, text, changed, tests, pattern) {
    let left = tests.filter((test) => this.#sound.get(test) !== false);
    while (left.length > 0 && !this.isStopped) {
      writeFileSync(file, changed);
      const { failed, isLate } = await this.#run(left, pattern);
      writeFileSync(file, text);
      if (isLate) {
        // On a busy machine they may not end without the mutant either, and then say nothing of it.
        if ((await this.#run(left, pattern)).isLate) return undecided;
        return `no end after ${String(this.#timeout)} s`;
      }
      if (failed === undefined) return undefined;
      const { test, name } = failed;
      if (!this.#sound.has(test)) this.#sound.set(test, (await this.#run([test])).failed === undefined);
      if (this.#sound.get(test)) return name;
      console.log(`  ${test} fails without a mutant too, and is left out`);
      left = left.filter((each) => each !== test);
    }
    return undefined;
  }

  async #run(tests, pattern) {
    const report = join(this.#copy, 'mutation-report.json');
    rmSync(report, { force: true });
    const args = ['run', '--project', 'unit', '--bail', '1', '--reporter=json', `--outputFile=${report}`];
    if (pattern !== undefined) args.push('-t', pattern);
    this.#child = spawn(
      process.execPath,
      [join(this.#copy, 'node_modules/vitest/vitest.mjs'), ...args, ...tests],
      {
        cwd: this.#copy,
        // CI: a snapshot that is not there is a failure, and nothing is written.
        env: { ...process.env, CI: 'true', MESHWRIGHT_SEED: String(this.#seed) },
        stdio: 'ignore',
        detached: true,
      },
    );
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#kill();
    }, this.#timeout * 1000);
    const code = await new Promise((resolve) => this.#child.once('close', resolve));
    clearTimeout(timer);
    this.#child = undefined;
    if (isLate || code === 0) return { isLate, failed: undefined };
    return {
      isLate,
      failed: failureIn(report, this.#copy) ?? { test: tests[0], name: `vitest ended with ${String(code)}` },
    };
  }

  /** The workers belong to the group of their vitest. */
  #kill() {
    try {
      if (this.#child?.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** The examples of a rule are the quickest to notice: of 1,600 tests of lint, those of this one rule. */
function examplesOf(path) {
  const rule = /^src\/lint\/rules\/[^/]+\/([^/]+)\.ts$/.exec(path)?.[1];
  return rule === undefined ? [] : [['its own tests', ['test/lint/rules.test.ts'], `^${rule} `]];
}

function failureIn(report, copy) {
  if (!existsSync(report)) return undefined;
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const failed = testResults.find(({ status }) => status === 'failed');
  if (failed === undefined) return undefined;
  const test = failed.name.slice(failed.name.indexOf(copy) + copy.length + 1);
  const name = failed.assertionResults.find(({ status }) => status === 'failed')?.fullName;
  return { test, name: `${test}: ${name ?? 'does not load'}` };
}
