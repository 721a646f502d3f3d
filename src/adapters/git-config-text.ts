/** The whole configuration of a bare repository of ours: nothing that git could start, and one way out.
 *  @param transport  the only protocol
 *  @param sections  more of it, as `[section]` lines; the caller quotes its values
 *  @see https://git-scm.com/docs/git-config */
export function closedConfig(transport: string, sections: string): string {
  return `[core]
\trepositoryformatversion = 0
\tbare = true
\tsymlinks = false
\tlogAllRefUpdates = false
\thooksPath = /dev/null
\tfsmonitor = false
\tattributesFile = /dev/null
[protocol]
\tallow = never
[protocol "${transport}"]
\tallow = always
[credential]
\thelper =
[gc]
\tauto = 0
[maintenance]
\tauto = false
[log]
\tshowSignature = false
${sections}`;
}

/** The configuration of a clone in the cache. */
export function cloneConfig(url: string, transport: string): string {
  return closedConfig(
    transport,
    `[remote "origin"]
\turl = ${configValue(url)}
[fetch]
\tnegotiationAlgorithm = noop
`,
  );
}

/** What tells git that a clone leaves blobs out. Beside its configuration and not in it, so that who only reads objects does
 *  not know where to ask for what is missing. */
export const filteredSettings = [
  ['remote.origin.promisor', 'true'],
  ['remote.origin.partialclonefilter', 'blob:none'],
] as const;

/** The protocol of a remote's URL. */
export function transportOf(url: string): 'https' | 'http' | 'file' {
  const { protocol } = new URL(url);
  if (protocol === 'https:') return 'https';
  if (protocol === 'http:' || protocol === 'file:') return protocol === 'http:' ? 'http' : 'file';
  throw new Error(`${protocol} is not a way to a forge`);
}

/** A value between double quotes. */
function configValue(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
