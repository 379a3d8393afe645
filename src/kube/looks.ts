/**
 * Images that nothing is known of, but that look like a database or a web server: such programs keep their data,
 * sockets and pid files where only their own account may write, and most start as root to become it. Our default
 * user and a root with nothing but /tmp would stop them for certain.
 */
import { scalar } from '../tree.ts'
import type { Container } from '../types.ts'
import { envOf } from './commands.ts'
import { child, itemsAt } from './fields.ts'

/** Ports that such programs listen on by their documentation; nobody else picks them by chance. */
const PORTS: ReadonlyMap<number, string> = new Map([
  [1433, 'SQL Server'],
  [1521, 'Oracle'],
  [2181, 'ZooKeeper'],
  [2379, 'etcd'],
  [3306, 'MySQL'],
  [5432, 'PostgreSQL'],
  [5984, 'CouchDB'],
  [6379, 'Redis'],
  [7687, 'Neo4j'],
  [9042, 'Cassandra'],
  [26257, 'CockroachDB'],
  [27017, 'MongoDB'],
])
/** Variables that only the server reads, never its clients. */
const VARIABLES = /^(?:MYSQL_ROOT_PASSWORD|MARIADB_ROOT_PASSWORD|PGDATA|POSTGRES_INITDB_ARGS|MONGO_INITDB_ROOT_USERNAME|ETCD_DATA_DIR|SA_PASSWORD|MSSQL_SA_PASSWORD|NEO4J_AUTH)$/
const NAMES =
  /(?:^|[-_.])(mysqld?|mariadb|postgres(?:ql)?|mongo(?:d|db)?|redis|etcd|cassandra|couchdb|cockroach(?:db)?|zookeeper|rabbitmq|kafka|elasticsearch|opensearch|influxdb|neo4j|clickhouse|percona|pxc|mssql|minio|nginx|httpd|apache2?|haproxy|phabricator|wordpress|named|bind9?)(?:$|[-_.\d])/
/** Words that make it something about the server, not the server. */
const ABOUT =
  /exporter|operator|client|controller|backup|restore|proxy|manager|commander|admin|adapter|agent|init|sync|tools?(?:$|[-_.])|cli(?:$|[-_.])|test|demo|example|unprivileged|rootless/

/** Why the container looks like such a server, for people; undefined when it does not. */
export function looksLikeServer(container: Container): string | undefined {
  const name =
    (container.image ?? '')
      .replace(/@.*$/, '')
      .replace(/:[^/]*$/, '')
      .split('/')
      .at(-1)
      ?.toLowerCase() ?? ''
  if (ABOUT.test(name)) return undefined
  const named = NAMES.exec(name)?.[1]
  if (named !== undefined) return `the name of the image says ${named}`
  for (const port of itemsAt(container, ['ports'])) {
    const number = scalar(child(port, 'containerPort'))
    const program = typeof number === 'number' ? PORTS.get(number) : undefined
    if (program !== undefined) return `port ${String(number)} is ${program}'s`
  }
  const variable = envOf(container).find((one) => VARIABLES.test(one.name))
  return variable === undefined ? undefined : `${variable.name} is a setting of a database server`
}
