import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import type { ChartAnswer, ChartFolder, ChartRequest } from '../model/charts.ts';
import type { Charts } from '../model/ports.ts';
import { parseRepoPath } from '../model/repo-path.ts';
import { makeFolder } from './folders.ts';
import { isClosedSchema } from './chart-schema.ts';
import { chartStore, type ChartStore } from './chart-store.ts';
import { redact } from './redact.ts';

/** What the operator says of helm. */
export interface HelmSettings {
  /** The program; undefined: none is used. */
  readonly program: string | undefined;
  /** Hosts that charts may be pulled from. */
  readonly hosts: readonly string[];
  /** Where pulled charts stay. */
  readonly cacheDirectory: string;
  readonly limits?: Partial<HelmLimits>;
}

export interface HelmLimits {
  readonly milliseconds: number;
  readonly outputBytes: number;
  /** Of resident memory, where the system shows it. */
  readonly memoryBytes: number;
  /** Helms at a time. */
  readonly atOnce: number;
}

const usual: HelmLimits = {
  milliseconds: 60_000,
  outputBytes: 32 * 2 ** 20,
  memoryBytes: 1024 * 2 ** 20,
  atOnce: 2,
};

/** The first `helm` of PATH; folders that are not absolute are passed over: they mean a folder of whatever repository this
 *  happens to be. */
export async function helmOnPath(path: string): Promise<string | undefined> {
  const name = process.platform === 'win32' ? 'helm.exe' : 'helm';
  for (const folder of path.split(delimiter).filter(isAbsolute)) {
    const program = join(folder, name);
    const isProgram = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isProgram && (await stat(program)).isFile()) return program;
  }
  return undefined;
}

/** Renders charts with `helm template`, which contacts no cluster: with an empty environment, homes of its own in a folder
 *  that goes afterwards, no plugins, no post-renderer and no credentials; never through a shell. docs/CHARTS.md says what of
 *  a chart runs, and what does not. */
export function createHelm(settings: HelmSettings): Charts {
  const limits = { ...usual, ...settings.limits };
  const { program } = settings;
  if (program === undefined)
    return {
      render: () =>
        Promise.resolve({
          kind: 'impossible',
          why: 'there is no helm to render it with',
          fix: 'Install helm 3.11 or later, or name it: export MESHWRIGHT_HELM=/path/to/helm',
        }),
    };
  const helm = new Helm(program, limits, chartStore(settings.cacheDirectory, settings.hosts));
  return { render: (request) => helm.render(request) };
}

/** Before 3.11, templates could ask the network for the addresses of hosts.
 *  @see https://github.com/helm/helm/security/advisories/GHSA-pwcw-6f5g-gxf8 */
const oldest = [3, 11] as const;

type Ran =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: string; readonly isLimit: boolean };

class Helm {
  readonly #program: string;
  readonly #limits: HelmLimits;
  readonly #store: ChartStore;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #version: Promise<readonly [number, number] | undefined> | undefined;

  constructor(program: string, limits: HelmLimits, store: ChartStore) {
    this.#program = program;
    this.#limits = limits;
    this.#store = store;
  }

  async render(request: ChartRequest): Promise<ChartAnswer> {
    await this.#turn();
    const scratch = await mkdtemp(join(tmpdir(), 'meshwright-helm-'));
    try {
      return await this.#renderIn(scratch, request);
    } finally {
      await rm(scratch, { recursive: true, force: true });
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    while (this.#running >= this.#limits.atOnce)
      await new Promise<void>((done) => {
        this.#waiting.push(done);
      });
    this.#running++;
  }

  async #renderIn(scratch: string, request: ChartRequest): Promise<ChartAnswer> {
    this.#version ??= this.#readVersion(scratch);
    const version = await this.#version;
    if (
      version === undefined ||
      version[0] < oldest[0] ||
      (version[0] === oldest[0] && version[1] < oldest[1])
    )
      return {
        kind: 'impossible',
        why: `${this.#program} is not a helm of version ${oldest.join('.')} or later`,
        fix: 'Install a later helm, or name it: export MESHWRIGHT_HELM=/path/to/helm',
      };
    const chart = await this.#chartIn(scratch, request);
    if (typeof chart !== 'string') return chart;
    const values = join(scratch, 'values.yaml');
    await writeFile(values, JSON.stringify(request.values), { flag: 'wx', mode: 0o600 });
    const ran = await this.#run(scratch, [
      'template',
      '--namespace',
      request.namespace,
      '--include-crds',
      '--skip-tests',
      '--kube-version',
      request.kubernetesVersion,
      ...request.apiVersions.flatMap((each) => ['--api-versions', each]),
      '--values',
      values,
      ...(request.chart.kind === 'remote' ? ['--skip-schema-validation'] : []),
      '--',
      request.releaseName,
      chart,
    ]);
    if (ran.ok) return { kind: 'rendered', text: ran.text };
    const why = ran.why.replaceAll(scratch, '').replace(/^Error: /, '');
    return ran.isLimit
      ? { kind: 'impossible', why, fix: 'Declare in fleet.yaml what the chart brings.' }
      : { kind: 'failed', why };
  }

  /** @returns where the chart is */
  async #chartIn(scratch: string, { chart }: ChartRequest): Promise<string | ChartAnswer> {
    if (chart.kind === 'remote')
      return this.#store.find(chart, scratch, async (args) => this.#run(scratch, args, pulls()));
    const folder = join(scratch, 'chart');
    await writeChart(folder, chart);
    return folder;
  }

  async #readVersion(scratch: string): Promise<readonly [number, number] | undefined> {
    const ran = await this.#run(scratch, ['version', '--template', '{{.Version}}']);
    const [, major, minor] = /^v?(\d+)\.(\d+)(?!\d)/.exec(ran.ok ? ran.text.trim() : '') ?? [];
    return major === undefined ? undefined : [Number(major), Number(minor)];
  }

  #run(scratch: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const { milliseconds, outputBytes, memoryBytes } = this.#limits;
    return new Promise((done) => {
      const child = spawn(this.#program, args, {
        cwd: scratch,
        env: { ...environmentIn(scratch), ...more },
        stdio: ['ignore', 'pipe', 'pipe'],
        windowsHide: true,
        shell: false,
      });
      const heard: Buffer[] = [];
      let [bytes, said, limit] = [0, '', ''];
      const stop = (why: string) => {
        limit ||= why;
        child.kill('SIGKILL');
      };
      const timer = setTimeout(() => {
        stop(`helm took more than ${String(milliseconds / 1000)} s`);
      }, milliseconds);
      const watch = setInterval(() => {
        void residentBytes(child.pid).then((used) => {
          if (used > memoryBytes) stop(`helm took more than ${String(memoryBytes / 2 ** 20)} MiB of memory`);
        });
      }, 100);
      child.stdout.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > outputBytes) stop(`the chart renders to more than ${String(outputBytes / 2 ** 20)} MiB`);
        else heard.push(chunk);
      });
      child.stderr.on('data', (chunk: Buffer) => {
        said = `${said}${chunk.toString('utf8')}`.slice(-4096);
      });
      const over = (result: Ran) => {
        clearTimeout(timer);
        clearInterval(watch);
        done(result);
      };
      child.on('error', (error) => {
        over({ ok: false, why: redact(error.message), isLimit: true });
      });
      child.on('close', (code) => {
        if (limit === '' && code === 0) over({ ok: true, text: Buffer.concat(heard).toString('utf8') });
        else
          over({
            ok: false,
            why: limit || redact(said.trim()) || `helm ended with code ${String(code)}`,
            isLimit: limit !== '' || code === null,
          });
      });
    });
  }
}

/** Nothing is inherited: no home, no configuration, no cluster, no credentials. */
function environmentIn(scratch: string): Record<string, string> {
  const at = (name: string) => join(scratch, 'helm', name);
  return {
    ...(process.env.SystemRoot !== undefined && { SystemRoot: process.env.SystemRoot }),
    HOME: scratch,
    PATH: '',
    TMPDIR: scratch,
    LC_ALL: 'C',
    HELM_CACHE_HOME: at('cache'),
    HELM_CONFIG_HOME: at('config'),
    HELM_DATA_HOME: at('data'),
    HELM_PLUGINS: at('plugins'),
    HELM_NO_PLUGINS: '1',
    HELM_REGISTRY_CONFIG: at('registry.json'),
    HELM_REPOSITORY_CONFIG: at('repositories.yaml'),
    HELM_REPOSITORY_CACHE: at('repository'),
    DOCKER_CONFIG: at('docker'),
    KUBECONFIG: at('kubeconfig'),
  };
}

const ofNetwork = [
  'http_proxy',
  'https_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'no_proxy',
  'NO_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

/** What a helm that pulls is told beside: proxies and certificates. */
function pulls(): Record<string, string> {
  return Object.fromEntries(
    ofNetwork.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Writes a chart into a new folder. Its files are texts of a commit, so that none of them is a link. */
async function writeChart(folder: string, { files }: ChartFolder): Promise<void> {
  for (const [path, text] of files) {
    if (parseRepoPath(path) !== path || path === '') throw new Error(`not a path of a chart: ${path}`);
    // A schema can make helm read other files and ask the network. It decides nothing but whether values are refused.
    if (/(?:^|\/)values\.schema\.json$/.test(path) && !isClosedSchema(text)) continue;
    const file = join(folder, path);
    await makeFolder(dirname(file), 0o700);
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
  }
}

/** 0 where the system does not show it. */
async function residentBytes(process: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${String(process)}/statm`, 'utf8').catch(() => '');
  return Number(text.split(' ')[1] ?? 0) * 4096;
}
