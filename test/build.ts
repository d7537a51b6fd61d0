import { execFileSync } from 'node:child_process'

/** Workers and journeys run the built tool, so a test run begins with a build. */
export default function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' })
}
