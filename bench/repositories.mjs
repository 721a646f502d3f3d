// A fleet with its repositories on a local forge, of any size, in layouts that the examples do not have: nobody made the program
// quick on it. Applications differ by their number; every third is written in another way.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const git = (cwd, ...args) =>
  execFileSync('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@acme.example', ...args], {
    cwd,
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    stdio: 'pipe',
  });

/** Writes the fleet file: each namespace calls the next one.
 *  @param revision  of the mesh; another one makes every target due */
export function writeFleetOf(folder, { targets, repositories }, revision = 'stable') {
  const entries = Array.from(
    { length: targets },
    (_, index) => `  - name: team-${index}
    repository: acme/r-${index % repositories}
    path: apps/team-${index}/{environment}
    environments: [lab]
    stage: joined
    services:
      - {name: web, serviceAccount: web, ports: [8080], hosts: ["team-${index}.{domain}"], calls: ["store:9000"]}
      - name: store
        serviceAccount: store
        ports: [9000/grpc]
        calls: ["team-${(index + 1) % targets}/store:9000"]
`,
  );
  writeFileSync(
    join(folder, 'fleet.yaml'),
    `version: 1
mesh: {istioVersion: 1.30.3, revision: ${revision}, gateway: {serviceAccount: gateway}}
forge: {kind: local, directory: forge}
environments: [{name: lab, domain: lab.acme.example}]
namespaces:
${entries.join('')}`,
  );
}

/** The repositories, with the bundles in them where a CLI is named that applies them. */
export function publish(folder, { targets, repositories }, cli) {
  writeFleetOf(folder, { targets, repositories });
  for (let repository = 0; repository < repositories; repository++) {
    const checkout = join(folder, 'checkouts', String(repository));
    const bare = join(folder, 'forge/acme', `r-${repository}.git`);
    const names = [];
    for (let index = repository; index < targets; index += repositories) {
      names.push(`team-${index}@lab`);
      for (const [file, text] of Object.entries(filesOf(index))) {
        const path = join(checkout, 'apps', `team-${index}`, file);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
    }
    if (cli !== undefined) {
      const { status, stderr } = spawnSync(
        process.execPath,
        [cli, 'apply', ...names, '--dir', checkout, '--fleet', join(folder, 'fleet.yaml')],
        { encoding: 'utf8' },
      );
      if (status !== 0) throw new Error(stderr);
    }
    mkdirSync(bare, { recursive: true });
    git(bare, 'init', '--quiet', '--bare', '--initial-branch=main');
    git(checkout, 'init', '--quiet', '--initial-branch=main');
    git(checkout, 'add', '--all');
    git(checkout, 'commit', '--quiet', '--message', 'As it is today');
    git(checkout, 'push', '--quiet', bare, 'main');
  }
}

function filesOf(index) {
  const apps = ['web', 'store'].map((name) => workload(name, index)).join('---\n');
  const namespace = `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: team-${index}\n`;
  const extras = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 6
---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: tidy
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: tidy
              image: registry.example.com/tidy:3
              args: ["--older-than", "30d"]
`;
  const overlay = (more) =>
    `# Team ${index}\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: team-${index}\n${more}`;
  if (index % 3 === 0)
    return {
      'lab/kustomization.yaml': overlay('resources:\n- namespace.yaml\n- app.yaml\n- extras.yaml\n'),
      'lab/namespace.yaml': namespace,
      'lab/app.yaml': apps,
      'lab/extras.yaml': extras,
    };
  const base = {
    'base/kustomization.yaml': 'resources:\n  - app.yaml\n  - extras.yaml\n',
    'base/app.yaml': apps,
    'base/extras.yaml': extras,
    'lab/namespace.yaml': namespace,
  };
  if (index % 3 === 1)
    return {
      ...base,
      'lab/kustomization.yaml': overlay(`resources: [../base, namespace.yaml]
patches:
  - target: {kind: Deployment, name: web}
    patch: |-
      - op: replace
        path: /spec/replicas
        value: 3
images:
  - name: registry.example.com/web
    newTag: "7.${index}"
`),
    };
  return {
    ...base,
    'lab/kustomization.yaml': overlay(
      'resources:\n  - ../base\n  - namespace.yaml\npatches:\n  - path: replicas.yaml\ncommonAnnotations: {team: "team"}\n',
    ),
    'lab/replicas.yaml':
      'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 4 # since the sale\n',
  };
}

function workload(name, index) {
  const port = name === 'web' ? 8080 : 9000;
  const kind = name === 'store' && index % 2 === 1 ? 'StatefulSet' : 'Deployment';
  return `apiVersion: v1
kind: ServiceAccount
metadata: {name: ${name}}
---
apiVersion: apps/v1
kind: ${kind}
metadata:
  name: ${name}
  labels: {app.kubernetes.io/name: ${name}}
spec:
  replicas: 2
${kind === 'StatefulSet' ? `  serviceName: ${name}\n` : ''}  selector:
    matchLabels: {app.kubernetes.io/name: ${name}}
  template:
    metadata:
      labels: {app.kubernetes.io/name: ${name}}
    spec:
      serviceAccountName: ${name}
      containers:
        - name: ${name}
          image: registry.example.com/${name}:1.${index}
          ports: [{containerPort: ${port}, name: main}]
          env:
            - {name: TEAM, value: "${index}"}
            - name: NOTE
              value: >-
                written by
                hand
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector: {app.kubernetes.io/name: ${name}}
  ports:
    - name: ${name === 'web' ? 'http' : 'grpc'}
      port: ${port}
      targetPort: main
`;
}
