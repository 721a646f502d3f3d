import { describe, expect, it } from 'vitest';
import {
  backend,
  controller,
  entrances,
  gateway,
  ingress,
  kafka,
  kafkaService,
  object,
  service,
  shop,
  web,
  webService,
  type Case,
} from './entrances-world.ts';
import { app, namespace } from './world.ts';

const cases: readonly Case[] = [
  [
    'Services of type LoadBalancer and NodePort, and with addresses of their own; no ports of UDP',
    'exposed-service',
    shop +
      service(
        'shop/lb',
        '{type: LoadBalancer, selector: {app: web}, ports: [{name: http, port: 80}, {name: dns, port: 53, protocol: UDP}]}',
      ) +
      service('shop/np', '{type: NodePort, selector: {app: web}, ports: [{name: http, port: 81}]}') +
      service('shop/ip', '{externalIPs: [10.1.2.3], selector: {app: web}, ports: [{name: http, port: 82}]}'),
    ['outside -> shop/lb:80', 'outside -> shop/np:81', 'outside -> shop/ip:82'],
  ],
  [
    'no Service of a gateway’s pods: its routes say what gets in',
    'exposed-service',
    shop +
      gateway('edge/gw', '"*"') +
      service(
        'edge/gw',
        '{type: LoadBalancer, selector: {istio: ingressgateway}, ports: [{name: https, port: 443}]}',
      ),
    [],
  ],
  [
    'ports of the node',
    'host-port',
    webService + web('ports: [{containerPort: 8080, hostPort: 80}, {containerPort: 9090}]'),
    ['outside -> shop/web:8080'],
  ],
  [
    'a webhook, an API, and a conversion',
    'api-server',
    shop +
      object(
        'admissionregistration.k8s.io/v1',
        'MutatingWebhookConfiguration',
        'm',
        'webhooks: [{name: a, clientConfig: {service: {namespace: shop, name: api, port: 80, path: /m}}}]',
      ) +
      object(
        'apiregistration.k8s.io/v1',
        'APIService',
        'v1.x',
        'spec: {service: {namespace: shop, name: api, port: 80}}',
      ) +
      object(
        'apiextensions.k8s.io/v1',
        'CustomResourceDefinition',
        'x',
        'spec: {conversion: {webhook: {clientConfig: {service: {namespace: shop, name: web, port: 8080, path: /c}}}}}',
      ),
    ['outside -> shop/api:80 /m', 'outside -> shop/api:80', 'outside -> shop/web:8080 /c'],
  ],
  [
    'probes that the injector was told to leave alone',
    'probe',
    web(
      'ports: [{name: http, containerPort: 8080}], livenessProbe: {httpGet: {port: http, path: "/live?x=1"}}, readinessProbe: {tcpSocket: {port: 8080}}, startupProbe: {grpc: {port: 9000}}',
      ', annotations: {sidecar.istio.io/rewriteAppHTTPProbers: "false"}',
    ),
    ['outside -> shop/web:8080 /live', 'outside -> shop/web:9000 /grpc.health.v1.Health/Check'],
  ],
  [
    'no probe that the injector rewrites',
    'probe',
    web('livenessProbe: {httpGet: {port: 8080, path: /}}'),
    [],
  ],
  [
    'a ServiceMonitor, a PodMonitor, and the annotations of a Service',
    'scrape',
    webService.replace(
      'name: web}',
      'name: web, labels: {app: web}, annotations: {prometheus.io/scrape: "true", prometheus.io/port: "9091"}}',
    ) +
      web('ports: [{name: http, containerPort: 8080}, {name: metrics, containerPort: 9090}]') +
      object(
        'monitoring.coreos.com/v1',
        'ServiceMonitor',
        'shop/web',
        'spec: {selector: {matchLabels: {app: web}}, endpoints: [{port: http, path: /m}]}',
      ) +
      object(
        'monitoring.coreos.com/v1',
        'PodMonitor',
        'shop/web',
        'spec: {selector: {matchLabels: {app: web}}, podMetricsEndpoints: [{port: metrics}]}',
      ),
    ['outside -> shop/web:8080 /m', 'outside -> shop/web:9090 /metrics', 'outside -> shop/web:9091 /metrics'],
  ],
  [
    'the solver pods of a certificate whose issuer proves names over HTTP',
    'acme-solver',
    shop +
      controller('ingress/nginx', 'registry.k8s.io/ingress-nginx/controller:v1.12.0') +
      object(
        'cert-manager.io/v1',
        'ClusterIssuer',
        'letsencrypt',
        'spec: {acme: {solvers: [{dns01: {route53: {}}}, {http01: {ingress: {ingressClassName: nginx}}}]}}',
      ) +
      ingress(
        `{ingressClassName: nginx, ${backend}}`,
        ', annotations: {cert-manager.io/cluster-issuer: letsencrypt}',
      ) +
      object(
        'cert-manager.io/v1',
        'Certificate',
        'shop/web',
        'spec: {issuerRef: {kind: ClusterIssuer, name: letsencrypt}}',
      ),
    ['ingress/nginx -> shop/cm-acme-http-solver:8089 /.well-known/acme-challenge/'],
  ],
  [
    'the webhooks of Flagger, and what the load tester is told to call',
    'flagger',
    shop +
      controller('flagger-system/flagger', 'ghcr.io/fluxcd/flagger:1.38.0') +
      app('test/loadtester', '{name: http, port: 80}') +
      object(
        'flagger.app/v1beta1',
        'Canary',
        'shop/web',
        'spec: {analysis: {webhooks: [{url: "http://loadtester.test/", metadata: {cmd: "hey -z 1m http://web.shop:8080/"}}]}}',
      ),
    ['flagger-system/flagger -> test/loadtester:80', 'test/loadtester -> shop/web:8080'],
  ],
  [
    'the metrics of a rollout’s analysis, and its jobs',
    'rollout-analysis',
    shop +
      object(
        'argoproj.io/v1alpha1',
        'AnalysisTemplate',
        'shop/ok',
        'spec: {metrics: [{provider: {web: {url: "http://web.shop:8080/ok"}}}, {provider: {job: {spec: {template: {spec: {serviceAccountName: test, containers: [{args: ["http://api.shop"]}]}}}}}}]}',
      ),
    ['unknown (Argo Rollouts) -> shop/web:8080', 'shop/test -> shop/api:80'],
  ],
  [
    'a Knative Service: its activator and its autoscaler',
    'knative',
    namespace('shop') +
      object(
        'serving.knative.dev/v1',
        'Service',
        'shop/fn',
        'spec: {template: {spec: {containers: [{image: x}]}}}',
      ),
    [
      'knative-serving/activator -> shop/fn:8012',
      'knative-serving/activator -> shop/fn:8013',
      'knative-serving/autoscaler -> shop/fn:9090',
    ],
  ],
  [
    'the triggers of a scaler, and the variables of what it scales',
    'keda',
    shop.replace(
      '{name: api, image: x}',
      '{name: api, image: x, env: [{name: QUEUE, value: "http://web.shop:8080"}]}',
    ) +
      controller('keda/operator', 'ghcr.io/kedacore/keda:2.16.0') +
      object(
        'keda.sh/v1alpha1',
        'ScaledObject',
        'shop/api',
        'spec: {scaleTargetRef: {name: api}, triggers: [{type: metrics-api, metadata: {url: "http://api.shop/metrics"}}, {type: rabbitmq, metadata: {hostFromEnv: QUEUE}}]}',
      ),
    ['keda/operator -> shop/api:80', 'keda/operator -> shop/web:8080'],
  ],
  [
    'the pods of a StatefulSet with replicas, at its headless Service',
    'peer',
    kafkaService() + kafka('replicas: 3, ', 'ports: [{containerPort: 9092}]'),
    ['shop/kafka -> shop/kafka:9092', 'shop/kafka -> shop/kafka:9093'],
  ],
  [
    'pods that are told the names of their peers',
    'peer',
    kafkaService() +
      kafka('', 'env: [{name: KAFKA_CONTROLLER_QUORUM_VOTERS, value: "0@kafka-0.kafka.shop.svc:9093"}]'),
    ['shop/kafka -> shop/kafka:9093'],
  ],
  [
    'no peers where there is one pod',
    'peer',
    kafkaService() + kafka('replicas: 1, ', 'ports: [{containerPort: 9092}]'),
    [],
  ],
  [
    'an init container, a job, and a workload without a Service',
    'named',
    shop +
      object(
        'batch/v1',
        'CronJob',
        'shop/nightly',
        'spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: x, args: ["http://web.shop:8080"]}]}}}}}',
      ) +
      object(
        'batch/v1',
        'Job',
        'shop/migrate',
        'spec: {template: {spec: {initContainers: [{name: wait, image: x, command: [sh, -c, "until curl http://api.shop; do :; done"]}], containers: []}}}',
      ),
    ['shop/nightly -> shop/web:8080', 'shop/migrate -> shop/api:80'],
  ],
  [
    'the values of a chart',
    'named',
    shop +
      object(
        'helm.toolkit.fluxcd.io/v2',
        'HelmRelease',
        'batch/worker',
        'spec: {chart: {spec: {chart: worker}}, values: {config: {apiUrl: "http://api.shop.svc/v1", title: web}}}',
      ),
    ['batch/* -> shop/api:80'],
  ],
];

describe('ways in to Services and pods themselves', () => {
  it.each(cases)('%s', (_, way, manifests, found) => {
    expect(entrances(manifests, way)).toEqual(found);
  });
});
