/** Whether a text is an IPv4 address. */
export function isAddress(text: string): boolean {
  return numberOf(text) !== undefined;
}

/** Whether an address, or a network such as `10.0.0.0/8`, holds an IPv4 address. What is neither holds nothing. */
export function networkHolds(network: string, address: string): boolean {
  const [base = '', length = '32'] = network.split('/', 2);
  const [one, other] = [numberOf(base), numberOf(address)];
  if (one === undefined || other === undefined || !/^\d{1,2}$/.test(length) || Number(length) > 32)
    return false;
  const size = 2 ** (32 - Number(length));
  return Math.floor(one / size) === Math.floor(other / size);
}

function numberOf(text: string): number | undefined {
  if (!/^(?:\d{1,3}\.){3}\d{1,3}$/.test(text)) return undefined;
  const parts = text.split('.').map(Number);
  return parts.every((part) => part <= 255) ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined;
}
