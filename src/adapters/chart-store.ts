import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChartAnswer, RemoteChart } from '../model/charts.ts';
import { openPrivate } from './cache-folder.ts';

/** Charts that were pulled, by the digest of their archives. */
export interface ChartStore {
  /** @param scratch  a folder of this call's own
   *  @param helm  runs helm with the network
   *  @returns the archive, or why there is none */
  find(
    chart: RemoteChart,
    scratch: string,
    helm: (args: readonly string[]) => Promise<{ readonly ok: boolean; readonly why?: string }>,
  ): Promise<string | ChartAnswer>;
}

/** @param hosts  that the operator allows: no file of a repository chooses where requests go */
export function chartStore(cacheDirectory: string, hosts: readonly string[]): ChartStore {
  const folder = join(cacheDirectory, 'charts');
  return {
    async find(chart, scratch, helm) {
      if (chart.valuesFiles.length > 0)
        return impossible(
          'its values files are inside a chart of a registry',
          'Put them into values or valuesFrom.',
        );
      const opened = await openPrivate(folder);
      if (!opened.ok) return impossible(opened.problems[0]?.message ?? '', opened.problems[0]?.fix ?? '');
      const name = digestOf(JSON.stringify([chart.url, chart.name, chart.version, chart.digest]));
      const known = isExact(chart) ? await remembered(folder, name) : undefined;
      if (known !== undefined) return known;
      const host = new URL(chart.url).host.toLowerCase();
      if (!hosts.includes(host))
        return impossible(
          `its chart is at ${chart.url}, and no chart may be pulled from ${host}`,
          `Allow it: export MESHWRIGHT_CHART_HOSTS=${host}`,
        );
      const target = join(scratch, 'pulled');
      await mkdir(target, { mode: 0o700 });
      const ran = await helm(['pull', '--destination', target, ...pullOf(chart)]);
      const [file, ...others] = ran.ok ? await readdir(target) : [];
      if (file === undefined || others.length > 0)
        return impossible(
          `its chart could not be pulled from ${chart.url}: ${ran.why ?? 'there is not one file'}`,
          'Look at the address and the version; charts behind a log-in are not pulled.',
        );
      return keep(folder, name, await readFile(join(target, file)));
    },
  };
}

function pullOf({ url, name, version, digest }: RemoteChart): readonly string[] {
  const chosen = version === undefined ? [] : ['--version', version];
  if (name !== undefined) return ['--repo', url, ...chosen, '--', name];
  return digest === undefined ? [...chosen, '--', url] : ['--', `${url}@${digest}`];
}

/** Whether the same chart is meant tomorrow. */
function isExact({ version, digest }: RemoteChart): boolean {
  return digest !== undefined || /^v?\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/.test(version ?? '');
}

async function remembered(folder: string, name: string): Promise<string | undefined> {
  const digest = await readFile(join(folder, `${name}.ref`), 'utf8').catch(() => '');
  if (!/^[0-9a-f]{64}$/.test(digest)) return undefined;
  const file = join(folder, `${digest}.tgz`);
  const bytes = await readFile(file).catch(() => undefined);
  return bytes !== undefined && digestOf(bytes) === digest ? file : undefined;
}

async function keep(folder: string, name: string, bytes: Buffer): Promise<string> {
  const digest = digestOf(bytes);
  await written(join(folder, `${digest}.tgz`), bytes);
  await written(join(folder, `${name}.ref`), digest);
  return join(folder, `${digest}.tgz`);
}

async function written(file: string, content: Buffer | string): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, content, { flag: 'wx', mode: 0o600 });
  await rename(draft, file);
}

function digestOf(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

function impossible(why: string, fix: string): ChartAnswer {
  return { kind: 'impossible', why, fix };
}
