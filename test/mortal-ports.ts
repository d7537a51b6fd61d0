import type { Ports } from '../src/ports/index.ts'

/** Dies after this many steps: from then on, nothing it does has an effect, as after kill -9. */
export function mortal(ports: Ports, steps: number): Ports {
  let left = steps
  const dying = <T extends object>(inner: T, deadly: readonly (keyof T)[]): T =>
    new Proxy(inner, {
      get(target, name) {
        const value = Reflect.get(target, name)
        if (!deadly.includes(name as keyof T)) return value
        return async (...args: unknown[]) => {
          if (left-- <= 0) throw new Error('killed')
          const result = await (value as (...args: unknown[]) => unknown).apply(target, args)
          // Done, but whoever asked for it does not live to see it.
          if (left === 0 && steps % 2 === 1) throw new Error('killed')
          return result
        }
      },
    })
  return {
    ...ports,
    lake: dying(ports.lake, ['putFolder', 'remove']),
    ...(ports.live.by === 'broker' && {
      live: { ...ports.live, broker: dying(ports.live.broker, ['publish', 'savePosition']) },
    }),
  }
}
