type Child = Node | string | undefined | false

interface Attributes {
  [name: string]: string | number | boolean | undefined | ((event: Event) => void)
}

/**
 * Creates an element. Children that are strings become text nodes, never HTML. `onclick` and the like are listeners;
 * false and undefined omit an attribute.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children)
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children)
}

function fill<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value))
  }
  for (const child of children) if (child !== undefined && child !== false) element.append(child)
  return element
}

/** Renders words in backticks as commands. */
export function prose(text: string): Node[] {
  return text.split(/`([^`]+)`/).map((part, i) => (i % 2 ? h('code', {}, part) : document.createTextNode(part)))
}
