import type { PlanOptions } from '../../src/bundle/directory-plan.ts';
import type { Bundle, TemplateSet } from '../../src/model/bundle.ts';
import type { NamespaceSpec } from '../../src/model/fleet.ts';
import type { RepoPath } from '../../src/model/named.ts';
import { withChanges, type Snapshot } from '../../src/model/snapshot.ts';
import { repository } from '../fakes/repository.ts';
import { firstTemplates, templates } from '../fakes/templates.ts';
import { app, overlay, withHost } from './app.ts';
import { plan } from './plan.ts';

/** A repository that was generated, and what people and later templates make of it. */
export class Story {
  files: Snapshot;

  constructor(spec: NamespaceSpec = withHost(), set: TemplateSet = firstTemplates, files = app()) {
    this.files = repository(files);
    this.run(spec, set);
  }

  run(spec: NamespaceSpec = withHost(), set: TemplateSet = templates, options?: PlanOptions): Bundle {
    const bundle = plan(spec, this.files, set, options);
    const errors = bundle.problems.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) throw new Error(JSON.stringify(errors, undefined, 2));
    this.files = withChanges(this.files, bundle.changes);
    return bundle;
  }

  text(file: string): string | undefined {
    return this.files.files.get(pathOf(file));
  }

  /** What someone does by hand. */
  edit(file: string, change: (text: string) => string): this {
    return this.write(file, change(this.text(file) ?? ''));
  }

  write(file: string, after: string | undefined): this {
    this.files = withChanges(this.files, [{ path: pathOf(file), before: undefined, after }]);
    return this;
  }
}

function pathOf(file: string): RepoPath {
  return (file.startsWith('.') ? file : `${overlay}/${file}`) as RepoPath;
}
