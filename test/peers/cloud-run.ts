import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { bin } from '../tool.ts'

export interface CloudRun extends AsyncDisposable {
  /** for our tool's processes */
  env: Record<string, string>
  /** Executions that were started. */
  executions: Execution[]
  /** The responses to this many calls of `:run` are lost. */
  loseAnswers(calls: number): void
  /** from now on `:run` is answered with 403 and this message */
  deny(message: string): void
}

export interface Execution {
  name: string
  args: string[]
  tasks: Task[]
  ended: Promise<void>
}

export interface Task {
  state: 'running' | 'succeeded' | 'failed'
  tries: number
  process: ChildProcess
  stderr: string
}

interface RunRequest {
  overrides?: { taskCount?: number; containerOverrides?: { args?: string[] }[] }
}

/**
 * What we use of the Cloud Run Admin API (v2), after Google's reference. A task is a process of the built tool in an empty folder, with the
 * variables that Cloud Run sets; one that fails is tried again, `maxRetries` times.
 */
export async function startCloudRun(
  name: string,
  {
    env,
    taskEnv,
    tasks,
    maxRetries = 3,
  }: { env: Record<string, string>; taskEnv: object; tasks: number; maxRetries?: number },
): Promise<CloudRun> {
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-run-'))
  const executions: Execution[] = []
  let lost = 0
  let denied: string | undefined

  function begin(request: RunRequest): Execution {
    const { taskCount = tasks, containerOverrides } = request.overrides ?? {}
    const args = containerOverrides?.[0]?.args ?? ['backfill', '--json']
    const execution = `${name}/executions/run-${executions.length}`
    const started = Array.from({ length: taskCount }, (_, index) => begunTask(execution, args, index, taskCount))
    const ended = Promise.all(started.map((each) => each.ended)).then(() => {})
    executions.push({ name: execution, args, tasks: started.map(({ task }) => task), ended })
    return executions[executions.length - 1]
  }

  function begunTask(execution: string, args: string[], index: number, count: number) {
    const place = path.join(folder, path.basename(execution), `${index}`)
    mkdirSync(place, { recursive: true })
    const begin = () => {
      const child = spawn(process.execPath, [bin, ...args], {
        cwd: place,
        env: {
          PATH: process.env.PATH,
          HOME: place,
          ...env,
          ...taskEnv,
          CLOUD_RUN_TASK_INDEX: `${index}`,
          CLOUD_RUN_TASK_COUNT: `${count}`,
        },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      child.stderr.on('data', (chunk) => (task.stderr += chunk))
      return child
    }
    const task = { state: 'running', tries: 0, stderr: '' } as Task
    const ended = new Promise<void>((resolve) => {
      const run = () => {
        task.tries++
        task.process = begin()
        task.process.once('close', (code) => {
          if (code !== 0 && task.tries <= maxRetries) return run()
          task.state = code === 0 ? 'succeeded' : 'failed'
          resolve()
        })
      }
      run()
    })
    return { task, ended }
  }

  const told = ({ name, tasks }: Execution) => {
    const count = (state: Task['state']) => tasks.filter((task) => task.state === state).length
    const failed = count('failed')
    const ended = count('running') === 0
    return {
      name,
      taskCount: tasks.length,
      runningCount: count('running'),
      succeededCount: count('succeeded'),
      failedCount: failed,
      retriedCount: tasks.reduce((n, { tries }) => n + tries - 1, 0),
      ...(ended && { completionTime: '2026-01-01T00:00:00Z' }),
      conditions: [
        failed > 0 && ended
          ? { type: 'Completed', state: 'CONDITION_FAILED', message: `${failed} tasks failed` }
          : { type: 'Completed', state: ended ? 'CONDITION_SUCCEEDED' : 'CONDITION_RECONCILING' },
      ],
      logUri: 'https://console.cloud.google.com/logs/viewer',
    }
  }
  const job = () => ({
    name,
    template: {
      taskCount: tasks,
      template: {
        containers: [
          {
            image: 'retail:test',
            env: Object.entries(taskEnv).map(([name, value]) => ({ name, value: String(value) })),
          },
        ],
      },
    },
    ...(executions.length > 0 && { latestCreatedExecution: told(executions[executions.length - 1]) }),
  })

  const server = createServer(async (request, response) => {
    const asked = `${request.url}`
    const answerWith = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (denied && asked.endsWith(':run')) return answerWith(403, { error: { code: 403, message: denied } })
    const execution = executions.find((each) => asked === `/v2/${each.name}`)
    const answer =
      asked === `/v2/${name}`
        ? job()
        : execution
          ? told(execution)
          : asked === `/v2/${name}:run` && request.method === 'POST'
            ? { metadata: told(begin((await bodyOf(request)) as RunRequest)) }
            : undefined
    if (answer && asked.endsWith(':run') && lost-- > 0) return request.socket.destroy()
    answer ? answerWith(200, answer) : answerWith(404, { error: { code: 404, message: `no ${asked}` } })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    env: { CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN: `http://127.0.0.1:${port}/` },
    executions,
    loseAnswers: (calls) => void (lost = calls),
    deny: (message) => void (denied = message),
    async [Symbol.asyncDispose]() {
      for (const task of executions.flatMap(({ tasks }) => tasks)) {
        task.tries = maxRetries + 1
        task.process.kill('SIGKILL')
      }
      await Promise.all(executions.map(({ ended }) => ended))
      server.closeAllConnections()
      server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) text += chunk
  return JSON.parse(text || '{}')
}
