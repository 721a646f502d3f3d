/** Objects of the kinds that people keep in Git, each with lists and choices of its own. */
export const manifests: readonly string[] = [
  `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: 2
  strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 1 } }
  template:
    spec:
      initContainers:
        - { name: migrate, image: "reg/migrate:1", args: [--dry, --fast] }
      containers:
        - name: web
          image: reg/web:1
          command: [serve, --port, "80"]
          livenessProbe: { httpGet: { path: /live, port: 8080 }, periodSeconds: 5 }
          lifecycle: { preStop: { exec: { command: [sleep, "5"] } } }
          env:
            - { name: A, value: one }
            - { name: B, valueFrom: { secretKeyRef: { name: s, key: k } } }
          envFrom:
            - configMapRef: { name: settings }
            - secretRef: { name: keys }
          ports:
            - { name: http, containerPort: 8080 }
            - { name: dns, containerPort: 53, protocol: UDP }
            - { name: dns-tcp, containerPort: 53, protocol: TCP }
          volumeMounts:
            - { name: data, mountPath: /data }
            - { name: tmp, mountPath: /tmp }
      tolerations:
        - { key: spot, operator: Exists, effect: NoSchedule }
        - { key: gpu, operator: Equal, value: "yes", effect: NoExecute }
      volumes:
        - { name: data, persistentVolumeClaim: { claimName: web } }
        - { name: tmp, emptyDir: {} }
        - name: all
          projected:
            sources:
              - secret: { name: one }
              - configMap: { name: two }
`,
  `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web, namespace: shop }
spec:
  hosts: [web.example.com, www.example.com]
  gateways: [istio-ingress/shared]
  http:
    - match:
        - uri: { prefix: /api }
          headers: { x-user: { exact: tester } }
        - uri: { exact: /v2 }
      route:
        - destination: { host: api, subset: v1 }
          weight: 90
        - destination: { host: api, subset: v2 }
          weight: 10
      retries: { attempts: 3 }
    - name: img
      match: [{ uri: { prefix: /img } }]
      redirect: { uri: /static }
    - route: [{ destination: { host: web, port: { number: 80 } } }]
`,
  `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: callers, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  action: ALLOW
  rules:
    - from: [{ source: { principals: [td/ns/a/sa/one] } }]
      to: [{ operation: { ports: ["80"] } }]
    - from: [{ source: { principals: [td/ns/b/sa/two, td/ns/b/sa/three] } }]
      to: [{ operation: { methods: [GET], paths: [/x] } }]
      when: [{ key: "request.headers[x]", values: [u, v] }]
    - from: [{ source: { namespaces: [c] } }]
`,
  `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: in, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - namespaceSelector: { matchLabels: { team: a } }
          podSelector: { matchLabels: { app: one } }
      ports: [{ port: 80, protocol: TCP }]
    - from: [{ ipBlock: { cidr: 10.0.0.0/8, except: [10.1.0.0/16] } }]
      ports: [{ port: 443, protocol: TCP }, { port: 53, protocol: UDP }]
`,
  `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: readers, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
subjects:
  - { kind: ServiceAccount, name: web, namespace: shop }
  - { kind: ServiceAccount, name: web, namespace: other }
  - { kind: User, name: web, apiGroup: rbac.authorization.k8s.io }
`,
  `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader, namespace: shop }
rules:
  - { apiGroups: [""], resources: [pods, services], verbs: [get, list] }
  - { apiGroups: [apps], resources: [deployments], resourceNames: [web], verbs: [patch] }
`,
  `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  tls: [{ hosts: [a.example.com], secretName: a }, { hosts: [b.example.com], secretName: b }]
  rules:
    - host: a.example.com
      http:
        paths:
          - { path: /, pathType: Exact, backend: { service: { name: exact, port: { number: 80 } } } }
          - { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
    - host: b.example.com
      http:
        paths:
          - { path: /b, pathType: Prefix, backend: { service: { name: b, port: { name: http } } } }
`,
  `apiVersion: v1
kind: Service
metadata: { name: dns }
spec:
  selector: { app: dns }
  ports:
    - { name: dns, port: 53, protocol: UDP, targetPort: 5353 }
    - { name: dns-tcp, port: 53, protocol: TCP, targetPort: 5353 }
    - { name: metrics, port: 9153 }
`,
  `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: app, namespace: shop }
spec:
  dependsOn: [{ name: db }, { name: db, namespace: data }]
  valuesFrom:
    - { kind: ConfigMap, name: common, valuesKey: a.yaml }
    - { kind: Secret, name: common, valuesKey: a.yaml }
    - { kind: ConfigMap, name: common, valuesKey: b.yaml }
  values:
    hosts: [{ url: a, weight: 1 }, { url: b, weight: 2 }]
    extra: { deep: { list: [[1, 2], [3, 4]] } }
`,
  `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web }
spec:
  parentRefs: [{ name: gw, sectionName: http }, { name: gw, sectionName: https }]
  hostnames: [a.example.com]
  rules:
    - matches: [{ path: { type: PathPrefix, value: /a } }]
      backendRefs: [{ name: a, port: 80, weight: 9 }, { name: a, port: 81, weight: 1 }]
    - matches: [{ path: { type: Exact, value: /b } }]
      filters: [{ type: RequestRedirect, requestRedirect: { scheme: https } }]
`,
  `apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: { name: acme }
spec:
  acme:
    server: https://acme.example.com
    solvers:
      - selector: { dnsZones: [a.example.com] }
        dns01: { route53: { region: eu } }
      - http01: { ingress: { class: nginx } }
`,
  `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - { level: None, users: [u], verbs: [watch] }
  - { level: Metadata, resources: [{ group: "", resources: [secrets] }] }
  - { level: Request }
`,
  `services:
  web:
    image: web:1
    ports: ["80:80", "443:443"]
    command: [serve, --port, "80"]
    environment: [A=1, B=2]
    volumes: [./a:/a, ./b:/b]
  db: { image: "db:1", environment: { X: one, Y: two } }
`,
  `jobs:
  test:
    strategy: { matrix: { node: [20, 22], include: [{ node: 20, os: linux }, { node: 22, os: mac }] } }
    steps:
      - uses: actions/checkout@v4
      - { name: install, run: npm ci }
      - { run: npm test, env: { CI: "yes" } }
      - { uses: actions/cache@v4, with: { path: x } }
`,
  `resources: [a.yaml, ./b.yaml]
images: [{ name: web, newTag: v1 }]
patches:
  - { path: p.yaml, target: { kind: Deployment, name: web } }
  - { path: p.yaml, target: { kind: StatefulSet, name: db } }
configMapGenerator: [{ name: c, literals: [A=1, B=2] }]
`,
];
