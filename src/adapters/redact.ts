/** `text` without any of the secrets, or what a URL holds before its `@`. */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '***');
  return clean.replace(/(https?:\/\/)[^/@\s']+@/g, '$1***@');
}
