// Cuts the operations that the GitHub forge uses out of GitHub's published OpenAPI description.
//   npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz
//   node test/schemas/extract-github-openapi.mjs package/generated/api.github.com.json > test/schemas/github-openapi.json
import { readFileSync } from 'node:fs';

const operations = [
  ['/repos/{owner}/{repo}', 'get'],
  ['/repos/{owner}/{repo}/pulls', 'get'],
  ['/repos/{owner}/{repo}/pulls', 'post'],
  ['/repos/{owner}/{repo}/pulls/{pull_number}', 'get'],
  ['/repos/{owner}/{repo}/pulls/{pull_number}', 'patch'],
  ['/repos/{owner}/{repo}/pulls/{pull_number}/reviews', 'get'],
  ['/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers', 'post'],
  ['/repos/{owner}/{repo}/issues/{issue_number}/labels', 'post'],
  ['/repos/{owner}/{repo}/issues/{issue_number}/comments', 'get'],
  ['/repos/{owner}/{repo}/issues/{issue_number}/comments', 'post'],
  ['/repos/{owner}/{repo}/collaborators/{username}/permission', 'get'],
  ['/app/installations/{installation_id}/access_tokens', 'post'],
];
const source = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const kept = { paths: {}, components: {} };
const wanted = new Set();

function clean(value) {
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  if (typeof value.$ref === 'string') {
    wanted.add(value.$ref);
    return { $ref: value.$ref };
  }
  const entries = Object.entries(value)
    .filter(([key, member]) => !(['description', 'summary', 'title', 'example', 'externalDocs', 'tags'].includes(key) && typeof member === 'string') && !['examples', 'x-github', 'externalDocs'].includes(key))
    .map(([key, member]) => [key, key === 'properties' ? Object.fromEntries(Object.entries(member).map(([name, each]) => [name, clean(each)])) : clean(member)]);
  const { nullable, ...rest } = Object.fromEntries(entries);
  if (nullable !== true) return rest;
  if (rest.enum && !rest.enum.includes(null)) rest.enum = [...rest.enum, null];
  return typeof rest.type === 'string' ? { ...rest, type: [rest.type, 'null'] } : { anyOf: [rest, { type: 'null' }] };
}

for (const [path, method] of operations) {
  const { parameters = [], requestBody, responses, operationId, 'x-github': more } = source.paths[path][method];
  const operation = clean({ operationId, parameters, requestBody, responses });
  // People are told of it: GitHub limits how much of that there may be.
  if (more.triggersNotification === true) operation['x-github'] = { triggersNotification: true };
  kept.paths[path] = { ...kept.paths[path], [method]: operation };
}
const done = new Set();
for (let more = true; more; ) {
  more = false;
  for (const ref of wanted) {
    if (done.has(ref)) continue;
    done.add(ref);
    more = true;
    const steps = ref.slice(2).split('/');
    let from = source;
    let to = kept;
    for (const [index, step] of steps.entries()) {
      from = from[step];
      if (index === steps.length - 1) to[step] = clean(from);
      else to = to[step] ??= {};
    }
  }
}
process.stdout.write(`${JSON.stringify({ source: `@octokit/openapi 23.0.2, api.github.com ${source.info.version}`, ...kept })}\n`);
