// What `render --out` is measured beside: a program that only writes the same files.
// node writing-program.mjs FROM TO
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const [from, to] = process.argv.slice(2);
const files = readdirSync(from, { recursive: true, withFileTypes: true })
  .filter((each) => each.isFile())
  .map((each) => join(each.parentPath, each.name))
  .map((file) => [join(to, relative(from, file)), readFileSync(file, 'utf8')]);
const before = process.cpuUsage();
const start = performance.now();
const made = new Set();
for (const [file, text] of files) {
  const folder = dirname(file);
  if (!made.has(folder)) mkdirSync(folder, { recursive: true });
  made.add(folder);
  writeFileSync(file, text);
}
const { user, system } = process.cpuUsage(before);
console.log(
  JSON.stringify({
    seconds: (user + system) / 1e6,
    wall: (performance.now() - start) / 1000,
    files: files.length,
  }),
);
