// Draws docs/pull-request.svg: what the demo's pull request changes in files that exist already. Run it after the demo.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const diff = execFileSync('git', ['diff', '--diff-filter=M', 'main..meshwright/bookinfo@lab.joined'], {
  cwd: `${root}.demo/forge/acme/bookinfo.git`,
  encoding: 'utf8',
});
const lines = diff.split('\n').filter((line) => line !== '' && !/^(?:index|---|\+\+\+) /.test(line));
const height = 20;
const width = 820;
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const style = (line) => {
  if (line.startsWith('diff ')) return ['#eef1f4', '#1f2328', 'bold'];
  if (line.startsWith('@@')) return ['#ddf4ff', '#57606a', 'normal'];
  if (line.startsWith('+')) return ['#dafbe1', '#1a7f37', 'normal'];
  if (line.startsWith('-')) return ['#ffebe9', '#cf222e', 'normal'];
  return ['#ffffff', '#1f2328', 'normal'];
};
const rows = lines.map((line, index) => {
  const [background, colour, weight] = style(line);
  const text = line.startsWith('diff ') ? line.replace(/^diff --git a\/(\S+) .*/, '$1') : line;
  const y = index * height;
  return `<rect y="${y}" width="${width}" height="${height}" fill="${background}"/><text x="12" y="${y + 14}" fill="${colour}" font-weight="${weight}" xml:space="preserve">${escape(text)}</text>`;
});
writeFileSync(
  `${root}docs/pull-request.svg`,
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${lines.length * height}" viewBox="0 0 ${width} ${lines.length * height}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13" role="img" aria-label="Diff of the pull request that moves Bookinfo into the mesh">\n${rows.join('\n')}\n</svg>\n`,
);
