/** Secrets of this process with every form of them that a message may hold. */
const remembered = new Map<string, readonly string[]>();

/** From now on {@link redact} hides `secret` wherever it is. */
export function hideSecret(secret: string): void {
  const trimmed = secret.trim();
  if (trimmed.length >= shortest && !remembered.has(trimmed)) remembered.set(trimmed, formsOf(trimmed));
}

/** What is shorter would take ordinary words out of a text. */
const shortest = 4;
/** GitHub's own are longer by far; in a manifest on standard output a short word is a word. */
const shortestInData = 8;

/** `text` without secrets in any form: as they are, within JSON, a URL, base64 or hexadecimal digits; nor what GitHub's
 *  tokens, signed claims and private keys look like, nor what a URL holds before its `@`.
 *  @param secrets  more than the remembered ones */
export function redact(text: string, secrets: readonly string[] = []): string {
  const given = secrets.flatMap((each) => formsOf(each.trim()));
  let clean = without(text, [...remembered.values(), given].flat(), shortest);
  for (const shape of shapes) clean = clean.replace(shape, '***');
  return clean.replace(/(https?:\/\/)[^/@\s']+@/g, '$1***@');
}

/** `text` without remembered secrets, and otherwise to the byte: for manifests and diffs. */
export function redactData(text: string): string {
  return without(text, [...remembered.values()].flat(), shortestInData);
}

/** `text` with three stars in place of each stretch that forms cover, however they overlap. */
function without(text: string, forms: readonly string[], length: number): string {
  const ranges: [number, number][] = [];
  for (const form of forms) {
    if (form.length < length) continue;
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
      ranges.push([at, at + form.length]);
  }
  if (ranges.length === 0) return text;
  let clean = '';
  let end = 0;
  for (const [from, to] of ranges.sort(([one], [other]) => one - other)) {
    if (from >= end) clean += `${text.slice(end, from)}***`;
    end = Math.max(end, to);
  }
  return clean + text.slice(end);
}

/** @see https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/ */
const shapes = [
  /\bgh[pousr]_[A-Za-z0-9]{16,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}/g,
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:[A-Za-z0-9+/=\s]|\\[nr])*/g,
];

function formsOf(secret: string): readonly string[] {
  const lines = secret.split(/\\n|\r?\n/).filter((line) => line.length >= 16 && !line.startsWith('-----'));
  const whole = [secret, ...lines];
  const forms = whole.flatMap((each) =>
    each.length < shortestInData
      ? [each]
      : [
          each,
          each.replaceAll('\\', '\\\\'),
          JSON.stringify(each).slice(1, -1),
          encodeURIComponent(each),
          ...encodings(Buffer.from(each)),
        ],
  );
  return [...new Set(forms)];
}

function encodings(bytes: Buffer): readonly string[] {
  const hex = bytes.toString('hex');
  const spaced = (hex.match(/../g) ?? []).join(' ');
  // Base64 depends on how many bytes come before; the digits at the ends are shared with the neighbours.
  const base64 = [0, 1, 2].map((before) => {
    const digits = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/={1,2}$/, '');
    const isShared = (bytes.length + before) % 3 !== 0;
    return digits.slice(before === 0 ? 0 : before + 1, isShared ? -1 : undefined);
  });
  const urlSafe = base64.map((digits) => digits.replaceAll('+', '-').replaceAll('/', '_'));
  return [hex, spaced, ...base64, ...urlSafe].filter((each) => each.length >= shortestInData);
}
