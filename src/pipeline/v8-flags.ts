import { setFlagsFromString } from 'node:v8'

/**
 * For this process and its threads. The cache of compiled code fits only a process with the same flags, so they are set
 * before the program is loaded, and nowhere else.
 *
 * - A worker that ends while another thread compiles for it can crash the process ("Assertion failed: (data.first) !=
 *   nullptr": Node takes its isolate from the platform before V8 has waited for its jobs). Since all cores are busy, to
 *   compile in the thread itself costs no time.
 * - [M] A function runs about seven times as long before V8 optimizes it: what a small world calls a few times would be
 *   compiled twice.
 */
export function setV8Flags(): void {
  setFlagsFromString('--no-concurrent-recompilation')
  setFlagsFromString('--interrupt-budget=1000000')
}
