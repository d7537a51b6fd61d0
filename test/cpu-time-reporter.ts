import type { Reporter, TestModule } from 'vitest/node'

const SHOWN = 25

/** Prints the test files that cost most CPU time, so that a costly test is seen when it is added. */
export default class CpuTimeReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const files = modules.flatMap((module) => {
      const { cpuSeconds } = module.meta()
      return cpuSeconds === undefined
        ? []
        : [{ name: module.relativeModuleId, cpuSeconds, wall: module.diagnostic().duration / 1000 }]
    })
    if (files.length < 2) return
    const total = files.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
    const lines = files
      .sort((a, b) => b.cpuSeconds - a.cpuSeconds)
      .slice(0, SHOWN)
      .map(
        ({ name, cpuSeconds, wall }) =>
          `  ${cpuSeconds.toFixed(0).padStart(6)} ${wall.toFixed(0).padStart(6)}  ${name}`,
      )
    console.log(
      `\n     CPU   wall  seconds of ${files.length} files (${total.toFixed(0)} CPU in all)\n${lines.join('\n')}`,
    )
  }
}
