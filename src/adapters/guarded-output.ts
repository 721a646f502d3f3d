import { hideSecret, redact, redactData } from './redact.ts';

const ours = [
  'MESHWRIGHT_GITHUB_TOKEN',
  'GITHUB_TOKEN',
  'GH_TOKEN',
  'GH_ENTERPRISE_TOKEN',
  'GITHUB_ENTERPRISE_TOKEN',
  'MESHWRIGHT_APP_PRIVATE_KEY',
];
const secretName =
  /(?:TOKEN|SECRET|PASSWORD|PASSWD|PRIVATE_KEY|API_KEY|SECRET_ACCESS_KEY|SESSION_KEY|CREDENTIALS)$/i;
/** A switch such as `X_TOKEN=disabled` is not a secret. */
const shortestOfOthers = 16;
/** What makes libraries, Node and git tell all they do, credentials among it. */
const tracing = /^(?:DEBUG|DEBUG_\w+|NODE_DEBUG\w*|GIT_TRACE\w*|GIT_TR2\w*|GIT_CURL_VERBOSE)$/i;

/** From now on nothing in this process prints a secret of its environment, whoever writes: standard output and error pass
 *  through one filter, and the switches that make libraries and children trace are taken out of the environment.
 *  To be called before such a library is loaded. */
export function guardOutput(environment: NodeJS.ProcessEnv): void {
  for (const [name, value = ''] of Object.entries(environment)) {
    if (ours.includes(name) || (secretName.test(name) && value.length >= shortestOfOthers)) hideSecret(value);
    if (tracing.test(name)) Reflect.deleteProperty(environment, name);
  }
  filter(process.stdout, redactData);
  filter(process.stderr, redact);
}

function filter(stream: NodeJS.WriteStream, clean: (text: string) => string): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (chunk: unknown, ...rest: unknown[]): boolean => {
    if (typeof chunk === 'string') return write(clean(chunk), ...rest);
    if (!(chunk instanceof Uint8Array)) return write(chunk, ...rest);
    const text = Buffer.from(chunk).toString('latin1');
    const cleaned = clean(text);
    return write(cleaned === text ? chunk : Buffer.from(cleaned, 'latin1'), ...rest);
  };
}
