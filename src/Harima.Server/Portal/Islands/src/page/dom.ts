/** One element with attributes and children; `class`, `aria-*` and the like by their HTML names. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | boolean | undefined> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...children);
  return element;
}

/** The key belongs to the input method. 229 is what browsers that forget isComposing send while it composes. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** Writes only what differs: a text node set to the same text still costs a layout and makes screen readers speak. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

export function button(className: string, label: string, onClick: () => void, iconName?: IconName): HTMLButtonElement {
  const element = h('button', { type: 'button', class: className }, ...(iconName ? [icon(iconName)] : []), h('span', {}, label));
  element.addEventListener('click', onClick);
  return element;
}

import { iconSource, type IconName } from './icons';

export function icon(name: IconName): HTMLElement {
  const span = h('span', { class: 'icon', 'aria-hidden': 'true' });
  span.innerHTML = iconSource[name];
  return span;
}
