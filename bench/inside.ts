// What rows measure inside of one process; run.mjs makes one module of it, since dist/ has none of these by name.
export { readTemplates } from '../src/adapters/templates.ts';
export { createFiles } from '../src/adapters/files.ts';
export { loadFleet } from '../src/fleet/load.ts';
export { planApply } from '../src/flows/apply.ts';
export { renderTargets } from '../src/flows/render.ts';
export { planUpgradesIn } from '../src/flows/upgrade.ts';
export { planFleetWaves } from '../src/flows/wave-plan.ts';
export { mergeYaml } from '../src/merge/merge.ts';
export { editYaml } from '../src/yaml/edit.ts';
export { compileTemplate } from '../src/bundle/compile-template.ts';
