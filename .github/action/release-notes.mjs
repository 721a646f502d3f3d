// What the changelog says of one version, for its release. Ends with code 1 when package and changelog do not both have it.
import { readFileSync } from 'node:fs';

const version = process.argv[2] ?? '';
const { version: packed } = JSON.parse(readFileSync('package.json', 'utf8'));
const sections = readFileSync('CHANGELOG.md', 'utf8').split(/^## /m);
const section = sections.find((each) => each === version || /^\S+/.exec(each)?.[0] === version);
if (packed !== version || section === undefined) {
  console.error(
    packed === version
      ? `CHANGELOG.md has no section "## ${version}".`
      : `The tag says ${version}, package.json says ${packed}.`,
  );
  process.exit(1);
}
process.stdout.write(section.slice(section.indexOf('\n')).trim() + '\n');
