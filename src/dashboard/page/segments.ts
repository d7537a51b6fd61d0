import { h } from './dom.ts'

/** A row of buttons of which one is pressed. */
export const segments = <T extends string>(
  label: string,
  choices: readonly (readonly [value: T, text: string])[],
  chosen: T,
  choose: (value: T) => void,
): HTMLElement =>
  h(
    'div',
    { class: 'segments small', role: 'group', 'aria-label': label },
    ...choices.map(([value, text]) =>
      h('button', { type: 'button', 'aria-pressed': String(value === chosen), onclick: () => choose(value) }, text),
    ),
  )
