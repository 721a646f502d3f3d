import { createServer, type Server } from 'node:http';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { World } from './harness/world.ts';

let world: World;
/** Someone else's host. */
let stranger: Server;
let heard: string[];

beforeEach(async () => {
  world = new World();
  await world.start();
  heard = [];
  stranger = createServer((request, response) => {
    heard.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.end('{}');
  });
  await new Promise<void>((done) => {
    stranger.listen(0, '127.0.0.1', done);
  });
});
afterEach(async () => {
  stranger.closeAllConnections();
  await new Promise((done) => stranger.close(done));
  await world.stop();
});

function strangersHost(): string {
  const address = stranger.address();
  return `127.0.0.1:${String(typeof address === 'object' ? address?.port : '')}`;
}

describe('a fleet file that names another GitHub host', () => {
  it.each(['upgrade --all --check', 'open bookinfo@lab', 'wave status', 'wave plan', 'calls import --scan'])(
    'is refused before anything is sent or written: %s',
    async (command) => {
      world.editFleet(world.origin, `http://${strangersHost()}`);
      writeFileSync(
        world.fleet,
        `${readFileSync(world.fleet, 'utf8')}\ntemplates: {repository: acme/templates, ref: v1}\n`,
      );
      const run = await world.meshwright(command.split(' '));

      expect(run.stderr).toContain('error github-host-refused');
      expect(run.stderr).toContain(`export MESHWRIGHT_GITHUB_HOST=${strangersHost()}`);
      expect(run.code).toBe(2);
      expect(heard).toEqual([]);
      expect(world.github.requests).toEqual([]);
      expect(existsSync(world.cache)).toBe(false);
    },
  );
});

describe('no switch for tracing prints a token', () => {
  const switches = {
    DEBUG: '*',
    NODE_DEBUG: '*',
    GIT_TRACE: '1',
    GIT_TRACE_CURL: '1',
    GIT_TRACE_PACKET: '1',
    GIT_TRACE2_EVENT: '2',
    GIT_CURL_VERBOSE: '1',
    GIT_TRACE_REDACT: '0',
  };

  it.each([
    ['all of them', switches],
    ['DEBUG=simple-git', { DEBUG: 'simple-git*' }],
  ])('%s', async (_, environment) => {
    const run = await world.meshwright(['open', 'bookinfo@lab'], environment);
    const { token } = world.github;

    expect(run.code).toBe(0);
    for (const form of [
      token,
      Buffer.from(`x-access-token:${token}`).toString('base64').slice(0, 30),
      Buffer.from(token).toString('base64').slice(4, 24),
      token.slice(4, 20),
    ])
      expect(run.stdout + run.stderr).not.toContain(form);
    expect(world.filesWith(token)).toEqual([]);
  });
});

it('a variable of a git hook, and settings of the operator that start programs, reach no git', async () => {
  const marker = join(world.folder, 'marker');
  const trap = join(world.folder, 'trap.sh');
  writeFileSync(trap, `#!/bin/sh\ntouch '${marker}'\n`, { mode: 0o755 });
  mkdirSync(join(world.folder, 'hooks'));
  writeFileSync(join(world.folder, 'hooks/pre-push'), `#!/bin/sh\ntouch '${marker}'\n`, { mode: 0o755 });
  writeFileSync(
    join(world.folder, '.gitconfig'),
    `[core]\n\thooksPath = ${join(world.folder, 'hooks')}\n\taskPass = ${trap}\n[credential]\n\thelper = !${trap}\n[url "ext::${trap}"]\n\tinsteadOf = ${world.origin}\n`,
  );

  const run = await world.meshwright(['open', 'bookinfo@lab'], {
    GIT_DIR: '/nowhere',
    GIT_WORK_TREE: '/nowhere',
    GIT_INDEX_FILE: '/nowhere/index',
    GIT_ASKPASS: trap,
    SSH_ASKPASS: trap,
    GIT_SSH_COMMAND: trap,
    GIT_EXTERNAL_DIFF: trap,
    GIT_PROXY_COMMAND: trap,
    GIT_CONFIG_PARAMETERS: `'core.hooksPath=${join(world.folder, 'hooks')}'`,
  });

  expect(run.code).toBe(0);
  expect(run.stderr).not.toMatch(/^error/m);
  expect(existsSync(marker)).toBe(false);
});
