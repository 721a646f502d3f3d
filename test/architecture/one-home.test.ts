import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { copiesIn } from './one-home.ts';
import { filesBelow } from './rules.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The schemas of the CRDs are data that a script makes. The parts of a lock are compared as they were just read. */
const exempt = [/^src\/lint\/schema\//, /^src\/bundle\/lock\.ts$/];

it('a fact about Kubernetes or Istio has one home', () => {
  const paths = filesBelow('src', 'generators').filter((path) => !exempt.some((each) => each.test(path)));

  expect(paths.length).toBeGreaterThan(300);
  expect(paths.flatMap((path) => copiesIn(path, readFileSync(join(root, path), 'utf8')))).toEqual([]);
});

describe('a copy is found:', () => {
  it.each([
    ['a path to a pod template', "const path = ['spec', 'jobTemplate', 'spec', 'template'];"],
    ['a pod template that is written out', 'const value = { spec: { jobTemplate: {} } };'],
    ['a list of workloads', "const kinds = new Set(['Deployment', 'StatefulSet', 'Job', 'Pod']);"],
    ['an operator of selectors', "if (operator === 'NotIn') throw new Error();"],
    ['a list of protocols', "const http = ['http', 'http2', 'grpc', 'grpc-web'];"],
    ['a table of units', 'const units = { ns: 1, µs: 1000 };'],
    ['an expression for durations', 'const form = /^\\d+(ns|us|µs|ms|s)$/;'],
    ['a match by a star', 'const is = host.endsWith(pattern.slice(1));'],
    ['an own way to hide controls', 'text.replace(/[\\u0000-\\u001b]/g, "");'],
    ['an own way to quote for a runner', "text.replaceAll('\\n', '%0A');"],
    ['a comparison by text', 'const is = JSON.stringify(one) !== JSON.stringify(other);'],
  ])('%s', (_, text) => {
    expect(copiesIn('src/mesh/copy.ts', text)).toHaveLength(1);
  });

  it('and what only looks like one is not', () => {
    const text = `
      const path = ['spec', 'template'];
      const target = ['Deployment', 'StatefulSet', 'DaemonSet'];
      const kinds = ['http', 'tls', 'tcp'];
      const is = host.endsWith(suffix.slice(2)) || JSON.stringify(one) === text;
    `;

    expect(copiesIn('src/mesh/other.ts', text)).toEqual([]);
    expect(copiesIn('src/k8s/pod-template.ts', "const path = ['spec', 'jobTemplate'];")).toEqual([]);
  });
});
