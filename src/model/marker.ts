/** What the text of a pull request says of itself, in a comment that is not shown. */
export interface Marker {
  readonly target: string;
  readonly stage: string;
  /** Digest of the changes the text describes. */
  readonly bundle: string;
  /** Digest of the text as it was generated: people may edit it, and it is written again only when it would be another. */
  readonly text: string;
}

export function printMarker({ target, stage, bundle, text }: Marker): string {
  return `<!-- meshwright ${target} ${stage} bundle=${bundle} text=${text} -->`;
}

/** @returns undefined: there is none, or someone edited it */
export function readMarker(body: string): Marker | undefined {
  const found = /<!-- meshwright (\S+) (\S+) bundle=([0-9a-f]+) text=([0-9a-f]+) -->/.exec(body);
  if (found === null) return undefined;
  const [, target = '', stage = '', bundle = '', text = ''] = found;
  return { target, stage, bundle, text };
}
