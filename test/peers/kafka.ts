import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Admin, Consumer } from '@platformatic/kafka'
import { jarsOf } from './maven.ts'
import { freePort } from './postgres.ts'

const run = promisify(execFile)

/** A record as a consumer sees it. */
export interface KafkaRecordSeen {
  partition: number
  key: string
  value: string
  bytes: Buffer | null
  headers: Record<string, string>
}

/** One Apache Kafka broker from Maven Central, which a test may kill; it keeps its data. */
export interface KafkaBroker {
  /** `127.0.0.1:PORT`, without authentication. */
  address: string
  /** The same with SASL PLAIN: user `shop`, password `right`. */
  saslAddress: string
  /**
   * The same with TLS, and with SASL PLAIN, SCRAM, or Google's tokens, whose access token is `ya29.right`; a session with a
   * token lasts two seconds.
   */
  secureAddress: string
  /** The certificate of the authority that signed the broker's. */
  authority: string
  /** All records of a topic, by partition and offset. */
  records(topic: string): Promise<KafkaRecordSeen[]>
  /** The values of a topic as Apache Kafka's own client reads them, without those of transactions that were not committed. */
  committed(topic: string): Promise<string[]>
  createTopic(topic: string, configs: Record<string, string>): Promise<void>
  deleteTopic(topic: string): Promise<void>
  /** SIGKILL, and a new start. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export async function startKafka(): Promise<KafkaBroker> {
  const lib = await jarsOf('kafka')
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-kafka-'))
  const [plain, sasl, secure, controller] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const certificate = await makeCertificate(folder)
  const sources = ['GoogleTokens', 'Committed'].map((name) => path.join(import.meta.dirname, `kafka/${name}.java`))
  await run('javac', ['-cp', `${lib}/*`, '-d', folder, ...sources])
  const config = path.join(folder, 'server.properties')
  const login = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_shop="right";'
  writeFileSync(
    config,
    `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${plain},SASL_PLAINTEXT://127.0.0.1:${sasl},SECURE://127.0.0.1:${secure},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${plain},SASL_PLAINTEXT://127.0.0.1:${sasl},SECURE://127.0.0.1:${secure}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.secure.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
listener.name.secure.plain.sasl.jaas.config=${login}
listener.name.secure.scram-sha-256.sasl.jaas.config=${SCRAM}
listener.name.secure.scram-sha-512.sasl.jaas.config=${SCRAM}
listener.name.secure.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";
listener.name.secure.oauthbearer.sasl.server.callback.handler.class=GoogleTokens
listener.name.secure.oauthbearer.connections.max.reauth.ms=2000
listener.name.secure.ssl.keystore.type=PEM
listener.name.secure.ssl.keystore.location=${certificate.keystore}
listener.name.sasl_plaintext.plain.sasl.jaas.config=${login}
log.dirs=${path.join(folder, 'data')}
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
`,
  )
  const java = (main: string, ...args: string[]) => ['-Xmx512m', '-cp', `${lib}/*:${folder}`, main, ...args]
  const users = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((form) => ['-S', `${form}=[name=shop,password=right]`])
  await run('java', java('kafka.tools.StorageTool', 'format', '-t', 'MkU3OEVBNTcwNTJENDM2Qg', '-c', config, ...users))
  const address = `127.0.0.1:${plain}`
  let broker: ChildProcess

  async function start(): Promise<void> {
    broker = spawn('java', java('kafka.Kafka', config), { cwd: folder, stdio: 'ignore' })
    for (let tries = 0; ; tries++) {
      const admin = new Admin({ clientId: 'test', bootstrapBrokers: [address], retries: 0, connectTimeout: 1_000 })
      try {
        await admin.listTopics()
        return
      } catch (error) {
        if (tries > 400 || broker.exitCode !== null) throw error
        await sleep(100)
      } finally {
        await Promise.resolve(admin.close()).catch(() => {})
      }
    }
  }

  async function kill(): Promise<void> {
    const died = new Promise((resolve) => broker.once('close', resolve))
    broker.kill('SIGKILL')
    await died
  }

  async function asAdmin(work: (admin: Admin) => Promise<void>): Promise<void> {
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [address] })
    await work(admin)
    await admin.close()
  }

  await start()
  return {
    address,
    saslAddress: `127.0.0.1:${sasl}`,
    secureAddress: `127.0.0.1:${secure}`,
    authority: certificate.authority,
    records: (topic) => recordsOf(address, topic),
    async committed(topic) {
      const reader = java('Committed', address, topic)
      const { stdout } = await run('java', reader, { maxBuffer: 1 << 28 })
      return stdout.split('\n').filter(Boolean)
    },
    createTopic: (topic, configs) =>
      asAdmin(async (admin) => {
        const given = Object.entries(configs).map(([name, value]) => ({ name, value }))
        await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1, configs: given })
      }),
    deleteTopic: (topic) => asAdmin((admin) => admin.deleteTopics({ topics: [topic] })),
    async restart() {
      await kill()
      await start()
    },
    async stop() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'

/** A key with its certificate in one file, and the certificate of the authority that signed it. */
async function makeCertificate(folder: string): Promise<{ keystore: string; authority: string }> {
  const at = (name: string) => path.join(folder, name)
  const openssl = (line: string) => run('openssl', line.split(' '), { cwd: folder })
  await openssl('req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem')
  await openssl('req -newkey rsa:2048 -nodes -subj /CN=broker -keyout broker.key -out broker.csr')
  writeFileSync(at('names'), 'subjectAltName=IP:127.0.0.1')
  await openssl(
    'x509 -req -in broker.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out broker.pem',
  )
  writeFileSync(at('keystore.pem'), readFileSync(at('broker.key'), 'utf8') + readFileSync(at('broker.pem'), 'utf8'))
  return { keystore: at('keystore.pem'), authority: at('ca.pem') }
}

async function recordsOf(address: string, topic: string): Promise<KafkaRecordSeen[]> {
  const consumer = new Consumer({ clientId: 'test', groupId: `test-${Math.random()}`, bootstrapBrokers: [address] })
  try {
    const about = (await consumer.metadata({ topics: [topic] })).topics.get(topic)!
    const seen: KafkaRecordSeen[] = []
    for (let partition = 0; partition < about.partitionsCount; partition++) {
      const ends = await consumer.listOffsets({ topics: [topic], partitions: { [topic]: [partition] }, timestamp: -1n })
      for (let offset = 0n; offset < ends.get(topic)![partition]; ) {
        const limits = { currentLeaderEpoch: -1, lastFetchedEpoch: -1, partitionMaxBytes: 1 << 24 }
        const { responses } = await consumer.fetch({
          node: about.partitions[partition].leader,
          topics: [{ topicId: about.id, partitions: [{ partition, fetchOffset: offset, ...limits }] }],
          minBytes: 1,
          maxBytes: 1 << 24,
          maxWaitTime: 1_000,
        })
        for (const batch of responses[0].partitions[0].records ?? []) {
          for (const [i, { key, value, headers }] of batch.records.entries()) {
            if (batch.firstOffset + BigInt(i) < offset) continue
            const texts = headers.map(([name, text]) => [String(name), String(text)])
            seen.push({
              partition,
              key: String(key),
              value: String(value),
              bytes: value,
              headers: Object.fromEntries(texts),
            })
          }
          offset = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n
        }
      }
    }
    return seen
  } finally {
    await Promise.resolve(consumer.close(true)).catch(() => {})
  }
}
