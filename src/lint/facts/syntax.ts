/** A text of a manifest as a message shows it. */
export function quoted(text: string): string {
  return text.length > 80 ? `"${text.slice(0, 77)}…"` : `"${text}"`;
}

const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/i;

/** A label of a domain name, as Istio reads it: capitals are allowed. */
export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && label.test(text);
}

/** What is wrong with a host that may start with a wildcard; undefined: nothing. A phrase for "the host …". */
export function hostMistake(host: string): string | undefined {
  const [first = '', ...rest] = host.split('.');
  if (host === '') return 'is empty';
  if (host.length > 255) return 'is longer than 255 characters';
  const body = first === '*' ? 'a' : first.replace(/^\*-?/, '');
  if (!isDnsLabel(body)) return labelMistake(first, host);
  return rest.length === 0 ? undefined : labelsMistake(rest, host);
}

/** The same for a host without wildcards. */
export function nameMistake(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.length > 255) return 'is longer than 255 characters';
  return labelsMistake(name.split('.'), name);
}

function labelsMistake(labels: readonly string[], name: string): string | undefined {
  const last = labels.at(-1) ?? '';
  if (/^[-+]?\d+$/.test(last)) return "ends with a number, which a domain name can't";
  for (const [index, each] of labels.entries()) {
    // `example.com.` is fine: a full name.
    if (each === '' && index > 0 && index === labels.length - 1) return undefined;
    if (!isDnsLabel(each)) return labelMistake(each, name);
  }
  return undefined;
}

function labelMistake(text: string, name: string): string {
  if (text === '') return 'has an empty label';
  if (text.includes('*')) return 'has a wildcard that is not the first label';
  if (text.includes('://') || text.includes('/')) return 'contains more than a host name';
  if (text.includes(':')) return 'contains a port';
  return text === name ? 'is not a DNS label' : `contains ${quoted(text)}, which is not a DNS label`;
}

/** An IPv4 or IPv6 address, without brackets. */
export function isIpAddress(text: string): boolean {
  return isIpV4(text) || isIpV6(text);
}

function isIpV4(text: string): boolean {
  if (text.length > 15) return false;
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
}

function isIpV6(text: string): boolean {
  if (text.length > 100 || !text.includes(':')) return false;
  const [address = ''] = text.split('%');
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const flat = groups.flat();
  const tail = flat.at(-1) ?? '';
  const v4 = tail.includes('.');
  if (v4 && !isIpV4(tail)) return false;
  const hex = v4 ? flat.slice(0, -1) : flat;
  const width = hex.length + (v4 ? 2 : 0);
  return (
    hex.every((each) => /^[0-9a-f]{1,4}$/i.test(each)) && (halves.length === 2 ? width < 8 : width === 8)
  );
}

/** An address, or a network in CIDR notation. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  if (rest.length > 0) return false;
  if (bits === undefined) return isIpAddress(address);
  if (!/^(0|[1-9]\d{0,2})$/.test(bits) || address.includes('%')) return false;
  return isIpV4(address) ? Number(bits) <= 32 : isIpV6(address) && Number(bits) <= 128;
}

export function isPort(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65535;
}

/** The first problem of a regular expression for RE2, which the proxy uses; undefined: none was found. */
export function regexMistake(text: string): string | undefined {
  if (text === '') return 'is empty';
  // Istiod counts bytes; so does Envoy.
  if (new TextEncoder().encode(text).length > 1024) return 'is longer than 1024 bytes';
  if (/(^|[^\\])(\\\\)*\(\?(<?[=!])/.test(text))
    return 'uses lookahead or lookbehind, which RE2 does not support';
  if (/(^|[^\\])(\\\\)*\\[1-9]/.test(text)) return 'uses a backreference, which RE2 does not support';
  // RE2 accepts these, JavaScript does not.
  if (/\\[QEpPzAC]|\[\[?:|\[\^?\]/.test(text)) return undefined;
  const portable = text
    .replaceAll(/\(\?[imsU-]+\)/g, '')
    .replaceAll(/\(\?[imsU-]+:/g, '(?:')
    .replaceAll('(?P<', '(?<');
  return isRegex(portable) ? undefined : 'is not valid';
}

function isRegex(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
