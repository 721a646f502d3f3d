/** The version of a template set: the first heading of its changelog (`## 1.1.0 (2026-11-24)`); `0` without one. */
export function versionOf(changelog: string): string {
  return /^## v?(\d+(?:\.\d+)*\S*)/m.exec(changelog)?.[1] ?? '0';
}

/** What a changelog says of the versions after `from`, up to its newest; empty when that is none.
 *  @returns Markdown, headings left as they are */
export function changesSince(changelog: string, from: string): string {
  const sections = changelog.split(/^(?=## )/m).filter((section) => section.startsWith('## '));
  const at = sections.findIndex((section) => versionOf(section) === from);
  return (at < 0 ? [] : sections.slice(0, at)).map((section) => section.trim()).join('\n\n');
}
