import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { versions } from './api-server.ts';
import type { Verdict } from './side-by-side.ts';

const folder = new URL(`../../../.cache/judges/istio-analyzers-${versions.istioctl}/`, import.meta.url);

/** A case of Istio's own tests of its analyzers, with what they must say of it. */
export interface IstioCase {
  readonly name: string;
  readonly analyzer: string;
  readonly files: Readonly<Record<string, string>>;
  readonly expected: readonly Verdict[];
}

/** The table of analyzers_test.go: the one place where the analyzers that need a cluster are run on files. */
export function istioCases(): readonly IstioCase[] {
  const table = read('analyzers_test.go').split('\nvar testGrid = ')[1]?.split('\n}\n')[0] ?? '';
  const codes = codesByName();
  return table.split(/^\t\{$/m).flatMap((text): readonly IstioCase[] => {
    const name = /name: *"(.+)"/.exec(text)?.[1];
    const analyzer = /analyzer: *&?(\w+\.\w+)/.exec(text)?.[1];
    if (name === undefined || analyzer === undefined) return [];
    const inputs = /inputFiles: *\[\]string\{([^}]*)\}/.exec(text)?.[1] ?? '';
    const mesh = /meshConfigFile: *"testdata\/(.+)"/.exec(text)?.[1];
    const files = [...inputs.matchAll(/"testdata\/(.+?)"/g)].map(([, file = '']) => [
      file.replaceAll('/', '-'),
      read(`testdata/${file}`),
    ]);
    const expected = [...text.matchAll(/^\t*\{msg\.(\w+), "(.+?)"\}/gm)].map(
      ([, message = '', object = '']) => {
        const code = codes.get(message);
        if (code === undefined) throw new Error(`Istio has no message ${message}`);
        return { code, object: object.replace(' default/', ' '), says: message };
      },
    );
    const settings = mesh === undefined ? [] : [['mesh-config.yaml', settingsOf(read(`testdata/${mesh}`))]];
    return [
      {
        name,
        analyzer,
        files: Object.fromEntries([...files, ...settings]) as Record<string, string>,
        expected,
      },
    ];
  });
}

function read(file: string): string {
  return readFileSync(new URL(file, folder), 'utf8');
}

function codesByName(): ReadonlyMap<string, string> {
  const { messages } = parse(read('messages.yaml')) as {
    readonly messages: readonly { readonly name: string; readonly code: string }[];
  };
  return new Map(messages.map(({ name, code }) => [name, code]));
}

/** The settings of a mesh, where Istio keeps them. */
function settingsOf(mesh: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh },
  });
}

/** Every code of Istio's messages. */
export function istioCodes(): readonly string[] {
  return [...codesByName().values()];
}
