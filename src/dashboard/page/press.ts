/** Calls `draw` now, or after the press of a pointer inside `place`. */
export type AfterPress = (place: Element, draw: () => void) => void

/** Browsers drop a click if its element has left since the pointer went down, as when answers arrive in between. */
export function afterPress(): AfterPress {
  let pressed: Node | undefined
  const waiting = new Map<Element, () => void>()

  function release(): void {
    pressed = undefined
    for (const draw of waiting.values()) draw()
    waiting.clear()
  }

  addEventListener('pointerdown', ({ target }) => {
    pressed = target instanceof Node ? target : undefined
  })
  // The click comes after `pointerup`, in the same task.
  for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => setTimeout(release))

  return (place, draw) => {
    waiting.delete(place)
    if (pressed && place.contains(pressed)) waiting.set(place, draw)
    else draw()
  }
}
