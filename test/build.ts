import { execFileSync } from 'node:child_process'

/**
 * Workers and journeys run the built tool, so a test run begins with a build: once, though every project asks for it.
 * `make test` has built already and says so by RETAIL_BUILT.
 */
export default function setup(): void {
  if (process.env.RETAIL_BUILT) return
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' })
  process.env.RETAIL_BUILT = 'yes'
}
