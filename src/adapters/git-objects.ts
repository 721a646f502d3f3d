/** The objects of a `cat-file --batch` answer, in order; undefined for one that is missing. */
export function parseBatch(answer: Buffer): readonly (Buffer | undefined)[] {
  const objects: (Buffer | undefined)[] = [];
  let at = 0;
  while (at < answer.length) {
    const end = answer.indexOf(0x0a, at);
    if (end < 0) break;
    const [, type, size] = answer.subarray(at, end).toString('utf8').split(' ');
    at = end + 1;
    if (type === undefined || size === undefined) {
      objects.push(undefined);
      continue;
    }
    objects.push(answer.subarray(at, at + Number(size)));
    at += Number(size) + 1;
  }
  return objects;
}
