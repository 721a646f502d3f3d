import type { Draft } from '../model/bundle.ts';
import { describeDiffs } from './diff.ts';
import { visible } from '../model/quoted.ts';
import type { Paint } from './paint.ts';

/** A pull request that was not opened, for programs. */
export type DraftJson = Pick<Draft, 'target' | 'repository' | 'branch' | 'base' | 'title' | 'body'>;

export function draftAsJson({ target, repository, branch, base, title, body }: Draft): DraftJson {
  return { target, repository, branch, base, title, body };
}

/** A pull request that was not opened: what it says and what it changes. */
export function describeDraft(draft: Draft, colours: Paint): string {
  const facts = [
    ['repository', draft.repository],
    ['branch', draft.branch],
    ['into', draft.base ?? 'the default branch'],
    ['labels', draft.labels.join(', ')],
    ['reviewers', draft.reviewers.join(', ')],
  ].filter(([, value]) => value !== '');
  return [
    colours.bold(`# ${visible(draft.title)}`),
    ...facts.map(([name = '', value = '']) => `${colours.dim(name.padEnd(10))}  ${visible(value)}`),
    '',
    visible(draft.body).trimEnd(),
    '',
    describeDiffs(draft.changes, colours),
  ].join('\n');
}
