import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

interface Store {
  readonly folder: string;
  readonly has: (key: string) => boolean;
  readonly keep: (draft: string, key: string) => void;
}

const { digestOf, linkTo, storeFor } = (await import(new URL('judges/store.mjs', import.meta.url).href)) as {
  readonly digestOf: (parts: readonly string[]) => string;
  readonly storeFor: (environment: Readonly<Record<string, string>>, checkout: string) => Store;
  readonly linkTo: (store: Store, key: string, link: string) => boolean;
};

let home: string;
let checkout: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'meshwright-home-'));
  checkout = join(home, 'clone/.cache/judges');
  mkdirSync(checkout, { recursive: true });
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

function draftOf(store: Store, name: string, text: string): string {
  const draft = join(store.folder, name);
  mkdirSync(draft);
  writeFileSync(join(draft, 'program'), text);
  return draft;
}

describe('the judges that were built', () => {
  it.each([
    ['in the folder that is named', { MESHWRIGHT_JUDGES: '/own' }, '/own'],
    ['in the cache of the user', { XDG_CACHE_HOME: '/cache', HOME: '/home' }, '/cache/meshwright-judges'],
    [
      'below the home, where the cache is relative',
      { XDG_CACHE_HOME: 'c', HOME: '/home' },
      '/home/.cache/meshwright-judges',
    ],
    ['in the checkout, without a home', {}, '/clone/.cache/judges-store'],
  ])('stay %s', (_, environment, folder) => {
    const here = Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [
        name,
        value.startsWith('/') ? home + value : value,
      ]),
    );

    expect(storeFor(here, checkout).folder).toBe(home + folder);
  });

  it('are found by the next clone', () => {
    const store = storeFor({ HOME: home }, checkout);
    store.keep(draftOf(store, 'draft', 'built'), 'istioctl-1-abc');
    const other = join(home, 'other');
    mkdirSync(other);

    expect(linkTo(storeFor({ HOME: home }, other), 'istioctl-1-abc', join(other, 'istioctl-1'))).toBe(true);
    expect(readFileSync(join(other, 'istioctl-1/program'), 'utf8')).toBe('built');
    expect(linkTo(store, 'istioctl-1-def', join(other, 'istioctl-1'))).toBe(false);
  });

  it('are whole when two runs build them at once: the first one stays, and no draft is left', () => {
    const store = storeFor({ HOME: home }, checkout);
    const [one, two] = [draftOf(store, 'one', 'first'), draftOf(store, 'two', 'second')];

    store.keep(one, 'key');
    store.keep(two, 'key');

    expect(readFileSync(join(store.folder, 'key/program'), 'utf8')).toBe('first');
    expect(existsSync(one)).toBe(false);
  });

  it('are other ones when their source is another', () => {
    expect(digestOf(['go1.26', 'v1', 'main.go', 'a'])).not.toBe(digestOf(['go1.26', 'v1', 'main.go', 'b']));
    expect(digestOf(['ab', 'c'])).not.toBe(digestOf(['a', 'bc']));
  });

  it('take the place of what an older install left in the checkout', () => {
    const store = storeFor({ HOME: home }, checkout);
    store.keep(draftOf(store, 'draft', 'new'), 'key');
    const link = join(checkout, 'istioctl-1');
    mkdirSync(link);
    writeFileSync(join(link, 'program'), 'old');

    linkTo(store, 'key', link);
    linkTo(store, 'key', link);

    expect(readFileSync(join(link, 'program'), 'utf8')).toBe('new');
  });
});

it('each judge that is built here is of the version that versions.json names', () => {
  const read = (file: string) => readFileSync(new URL(`judges/${file}`, import.meta.url), 'utf8');
  const versions = JSON.parse(read('versions.json')) as Readonly<Record<string, string>>;

  expect(read('istioctl/go.mod')).toContain(`istio.io/istio ${versions.istioctl ?? ''}\n`);
  expect(read('apiserver/go.mod')).toContain(`k8s.io/kubernetes ${versions.kubernetes ?? ''}\n`);
  expect(read('envsubst/go.mod')).toContain(
    `github.com/fluxcd/pkg/kustomize ${versions.fluxKustomize ?? ''}\n`,
  );
  expect(read('kubectl/go.mod')).toContain(`k8s.io/kubectl v0${(versions.kubernetes ?? '').slice(2)}\n`);
});

describe('judges that others could have put there', () => {
  it('are not run: others may write to the folder', () => {
    const folder = join(home, 'shared');
    mkdirSync(folder);
    chmodSync(folder, 0o777);

    expect(() => storeFor({ MESHWRIGHT_JUDGES: folder }, checkout)).toThrow(
      'only its owner, you, can write to',
    );
  });

  it('are not run: the folder is a link to another place', () => {
    const folder = join(home, 'link');
    symlinkSync(tmpdir(), folder);

    expect(() => storeFor({ MESHWRIGHT_JUDGES: folder }, checkout)).toThrow(folder);
  });

  it('are not run: others may write to one of them', () => {
    const store = storeFor({ HOME: home }, checkout);
    mkdirSync(join(store.folder, 'key'));
    chmodSync(join(store.folder, 'key'), 0o777);

    expect(() => linkTo(store, 'key', join(checkout, 'istioctl-1'))).toThrow(join(store.folder, 'key'));
  });
});
