import type { Reporter, TestCase, TestModule, TestRunEndReason } from 'vitest/node'

const SHOWN = 15

/**
 * Prints the test files that cost most CPU time, so that a costly test is seen when it is added, and then every failed
 * test once more: of a long log, often only the end is kept.
 */
export default class CpuTimeReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[], reason: TestRunEndReason): void {
    printTimes(modules)
    if (reason !== 'passed') printFailures(modules, unhandled)
  }
}

function printTimes(modules: readonly TestModule[]): void {
  const files = modules.flatMap((module) => {
    const { cpuSeconds, ownCpuSeconds } = module.meta()
    return cpuSeconds === undefined || ownCpuSeconds === undefined
      ? []
      : [{ name: module.relativeModuleId, cpuSeconds, ownCpuSeconds, wall: module.diagnostic().duration / 1000 }]
  })
  if (files.length < 2) return
  const total = (key: 'cpuSeconds' | 'ownCpuSeconds') => files.reduce((sum, file) => sum + file[key], 0).toFixed(0)
  const lines = files
    .sort((a, b) => b.cpuSeconds - a.cpuSeconds)
    .slice(0, SHOWN)
    .filter(({ cpuSeconds }) => cpuSeconds >= 1)
    .map(
      ({ name, cpuSeconds, ownCpuSeconds, wall }) =>
        `${[cpuSeconds, ownCpuSeconds, wall].map(column).join('')}  ${name}`,
    )
  console.log(
    `\n     CPU    own   wall  seconds of ${files.length} files (${total('cpuSeconds')} CPU in all, ${total('ownCpuSeconds')} without child processes)\n${lines.join('\n')}`,
  )
}

function column(seconds: number): string {
  return seconds.toFixed(0).padStart(7)
}

function printFailures(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
  const lines = modules.flatMap((module) => [
    ...module.errors().map((error) => failure(module.relativeModuleId, error.message)),
    ...[...module.children.allTests('failed')].map((test) =>
      failure(`${module.relativeModuleId} > ${test.fullName}`, messageOf(test)),
    ),
  ])
  console.log(
    `\nFailed:\n${[...lines, ...unhandled.map((error) => failure('outside a test', String(error)))].join('\n')}`,
  )
}

function messageOf(test: TestCase): string {
  return test.result().errors?.[0]?.message ?? ''
}

function failure(where: string, message: string): string {
  return `  ${where}\n      ${message.split('\n').slice(0, 3).join('\n      ')}`
}
