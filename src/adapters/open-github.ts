import type { Forge } from '../model/ports.ts';
import { success, type Outcome } from '../model/problem.ts';
import { settingsOfOperator } from './github-access.ts';
import type { ClientOptions } from './github-client.ts';
import { createGitHubForge } from './github-forge.ts';
import { readNetwork } from './network.ts';

/** GitHub, over the network as the operator has set it up.
 *  @returns problem `network-setting` */
export async function openGitHub(
  environment: Readonly<Record<string, string | undefined>>,
  options: Omit<ClientOptions, 'network'>,
): Promise<Outcome<Forge>> {
  const { api, cacheDirectory } = options;
  const ofGit = await settingsOfOperator(cacheDirectory);
  const network = await readNetwork(api, environment, cacheDirectory, ofGit);
  return network.ok ? success(createGitHubForge({ ...options, network: network.value })) : network;
}
