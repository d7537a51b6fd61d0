import type { Invocation } from './invocation.ts'

/** Shows an address in the browser of whoever sits there. */
export function openUrl(url: string, platform: NodeJS.Platform): Invocation {
  if (platform === 'darwin') return { file: 'open', args: [url] }
  if (platform === 'win32') return { file: 'rundll32', args: ['url.dll,FileProtocolHandler', url] }
  return { file: 'xdg-open', args: [url] }
}
