// The last step of action.yml: runs one command and says, in the ways GitHub Actions has, what came of it.
// Nothing is installed for it, so it imports what Node brings along.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { annotationsOf, problemsOf } from './annotations.mjs';
import { summaryOf } from './summary.mjs';
import { splitWords } from './words.mjs';

const meanings = {
  0: 'done',
  1: 'problems, differences, conflicts or a closed gate',
  2: 'the command or a file it reads is invalid, and nothing was changed',
  3: 'an external service failed for some targets. What is done is kept, and it is safe to run again',
  70: 'a bug in Meshwright',
};
const interrupted = 'interrupted. What is done is kept, and it is safe to run again';

// What is taken out here is in no environment of the command.
const {
  ACTION_CLI: cli,
  ACTION_COMMAND: command = '',
  ACTION_FLEET: fleet = '',
  ACTION_SHARD: shard = '',
  ACTION_TOKEN: token,
  ACTION_APP_ID: appId,
  ACTION_APP_INSTALLATION_ID: installationId,
  ACTION_APP_PRIVATE_KEY: privateKey,
  ...environment
} = process.env;
const inputs = {
  MESHWRIGHT_GITHUB_TOKEN: token,
  MESHWRIGHT_APP_ID: appId,
  MESHWRIGHT_APP_INSTALLATION_ID: installationId,
  MESHWRIGHT_APP_PRIVATE_KEY: privateKey,
};
for (const [name, value] of Object.entries(inputs)) if (value) environment[name] = value;
environment.MESHWRIGHT_CACHE ||= join(environment.RUNNER_TEMP, 'meshwright-clones');

const file = join(mkdtempSync(join(environment.RUNNER_TEMP, 'meshwright-')), 'result.json');
/** The end of what the command wrote into the log. */
let log = '';

/** The words of the command with the options of the action; or the problem. */
function readCommand() {
  const words = splitWords(command);
  if (words === undefined)
    return { message: 'The command has an unclosed quote.', fix: 'Quote its words as a shell does.' };
  if (words[0] === 'meshwright') words.shift();
  if (words.length === 0) return { message: 'The command is empty.', fix: 'Write one, such as wave open.' };
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  const options = [words.slice(0, end).includes('--json') ? '' : '--json'];
  if (fleet !== '') options.push(`--fleet=${fleet}`);
  if (shard !== '') options.push(`--shard=${shard}`);
  return words.toSpliced(end, 0, ...options.filter(Boolean));
}

function print(text) {
  return new Promise((done) => process.stdout.write(text, done));
}

/** Runs the command. Until it ends, the runner takes no line of the log for a command. */
async function run(words) {
  const guard = randomUUID();
  await print(`::stop-commands::${guard}\n`);
  const child = spawn(process.execPath, [cli, ...words], {
    env: environment,
    // Through one stream with the guard: the runner promises no order between two.
    stdio: ['ignore', openSync(file, 'w'), 'pipe'],
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.stderr.setEncoding('utf8').on('data', (text) => {
    process.stdout.write(text);
    log = (log + text).slice(-4000);
  });
  const [code, signal] = await once(child, 'close');
  await print(`${log === '' || log.endsWith('\n') ? '' : '\n'}::${guard}::\n`);
  return code ?? 128 + constants.signals[signal];
}

function readResult() {
  try {
    return Object(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {}; // The text of --help and --version, or of a command that ended before it could answer.
  }
}

const words = readCommand();
const isCommand = Array.isArray(words);
if (!isCommand)
  writeFileSync(file, JSON.stringify({ problems: [{ rule: 'usage', severity: 'error', ...words }] }));
const code = isCommand ? await run(words) : 2;
const result = readResult();
const problems = problemsOf(result);
const matrix = result.matrix === undefined ? '' : `matrix=${JSON.stringify(result.matrix)}\n`;
appendFileSync(environment.GITHUB_OUTPUT, `code=${code}\njson=${file}\n${matrix}`);
const meaning = `Exit code ${code}: ${meanings[code] ?? (code > 128 ? interrupted : 'unknown')}`;
if (code !== 0) await print(`::error::${meaning}; the job summary says why.\n`);
await print(annotationsOf(problems, environment.GITHUB_WORKSPACE));
appendFileSync(
  environment.GITHUB_STEP_SUMMARY,
  summaryOf({
    title: `meshwright ${isCommand ? words.join(' ') : command}`,
    end: `${meaning}.`,
    result,
    problems,
    log: code === 0 || problems.length > 0 ? '' : log,
  }),
);
process.exitCode = code;
