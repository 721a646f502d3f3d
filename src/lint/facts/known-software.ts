import { stringAt } from '../../model/json.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import type { Service, ServicePort } from '../../mesh/service.ts';
import { containerPort, type Workload } from '../../mesh/workload.ts';

/** Software whose protocol is not HTTP, by the last part of its image name, with its port. */
const ports: Readonly<Record<string, number>> = {
  cassandra: 9042,
  kafka: 9092,
  'cp-kafka': 9092,
  mariadb: 3306,
  memcached: 11211,
  mongo: 27017,
  mongodb: 27017,
  mysql: 3306,
  'mysql-server': 3306,
  nats: 4222,
  percona: 3306,
  postgis: 5432,
  postgres: 5432,
  postgresql: 5432,
  rabbitmq: 5672,
  redis: 6379,
  valkey: 6379,
  zookeeper: 2181,
};

/** Software whose server sends first: some of the above, and mail catchers. */
const serverFirst: Readonly<Record<string, number>> = {
  mailhog: 1025,
  mailpit: 1025,
  mariadb: 3306,
  mysql: 3306,
  'mysql-server': 3306,
  nats: 4222,
  percona: 3306,
};

/** Ports of protocols whose server sends first, besides those that Istio never sniffs (25, 53, 3306, 27017). PostgreSQL,
 *  Redis, AMQP, Kafka and MongoDB are not among them: there the client sends first. */
const serverFirstPorts: ReadonlyMap<number, string> = new Map([
  [21, 'FTP'],
  [110, 'POP3'],
  [143, 'IMAP'],
  [587, 'SMTP'],
  [2525, 'SMTP'],
  [4222, 'NATS'],
]);

/** Of `registry.example.com/bitnami/postgresql:17@sha256:…`: `postgresql`. */
export function imageName(image: string): string {
  const [untagged = ''] = (image.split('/').at(-1) ?? '').split(/[:@]/);
  return untagged.toLowerCase();
}

/** The software with a protocol other than HTTP that a workload serves on a container port; undefined: none that is known. */
export function nonHttpSoftware(workload: Workload, port: number): string | undefined {
  return softwareOn(workload, port, ports);
}

/** The server-first protocol of a Service port; undefined: not known, or the client sends first. */
export function serverFirstProtocol(
  service: Service,
  { targetPort }: ServicePort,
  inventory: Inventory,
): string | undefined {
  const [workload] = inventory.workloadsOf(service);
  const inPod = workload === undefined ? targetPort : containerPort(workload, targetPort);
  if (typeof inPod !== 'number') return undefined;
  const software = workload === undefined ? undefined : softwareOn(workload, inPod, serverFirst);
  return software ?? serverFirstPorts.get(inPod);
}

function softwareOn(
  { containers }: Workload,
  port: number,
  known: Readonly<Record<string, number>>,
): string | undefined {
  return containers
    .filter(({ isInit }) => !isInit)
    .map(({ value }) => imageName(stringAt(value, 'image') ?? ''))
    .find((name) => Object.hasOwn(known, name) && known[name] === port);
}
