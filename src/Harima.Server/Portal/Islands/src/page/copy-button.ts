import { h, icon, setText } from './dom';

/** `<copy-button data-text data-label data-done>`: puts its text on the clipboard, on plain http too. */
export class CopyButton extends HTMLElement {
  connectedCallback(): void {
    if (this.firstChild) {
      return;
    }
    const label = this.dataset['label'] ?? '';
    const iconOnly = this.dataset['icon'] !== undefined;
    const text = h('span', iconOnly ? { class: 'visually-hidden' } : {}, label);
    const done = h('span', { class: 'visually-hidden', role: 'status' });
    const element = h('button', { type: 'button', class: `btn btn-sm btn-outline-secondary${iconOnly ? ' btn-icon' : ''}`, title: label }, icon('copy'), text);
    element.addEventListener('click', () => {
      void put(this.dataset['text'] ?? '', this).then(() => {
        element.classList.add('copied');
        element.firstElementChild!.replaceWith(icon('check'));
        setText(done, this.dataset['done'] ?? '');
        setTimeout(() => {
          element.classList.remove('copied');
          element.firstElementChild!.replaceWith(icon('copy'));
          setText(done, '');
        }, 2000);
      });
    });
    this.append(element, done);
  }
}

async function put(text: string, beside: HTMLElement): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // navigator.clipboard exists in secure contexts only; the old way still works everywhere. Beside the button, because
  // focus cannot leave an open dialog.
  const area = h('textarea', { class: 'visually-hidden', readonly: true });
  area.value = text;
  beside.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
