import type { Invocation } from './invocation.ts'

/** Opens a URL in the user's browser. */
export function openUrl(url: string, platform: NodeJS.Platform): Invocation {
  if (platform === 'darwin') return { file: 'open', args: [url] }
  if (platform === 'win32') return { file: 'rundll32', args: ['url.dll,FileProtocolHandler', url] }
  return { file: 'xdg-open', args: [url] }
}
