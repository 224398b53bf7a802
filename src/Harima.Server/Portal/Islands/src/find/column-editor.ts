// <column-editor>: around a field with names and commas between. Shows them as a list that can be ordered, shortened and added to.
import { button, h, icon, isComposing } from '../page/dom';
import { Suggestions } from '../page/suggestions';
import { Texts } from '../page/texts';
import { rememberColumns, suggestPaths } from './search-api';

export class ColumnEditor extends HTMLElement {
  private input!: HTMLInputElement;
  private texts!: Texts;
  private readonly list = h('ol', { class: 'column-list' });

  connectedCallback(): void {
    const input = this.querySelector('input');
    if (!input || this.input) {
      return;
    }
    this.input = input;
    this.texts = Texts.of(this);
    const label = this.querySelector('label');
    input.type = 'hidden';
    label?.removeAttribute('for');
    this.list.setAttribute('aria-label', label?.textContent ?? '');
    const add = h('input', { class: 'form-control form-control-sm', type: 'text', 'aria-label': this.texts.get('add'), placeholder: this.texts.get('add'), spellcheck: 'false' });
    const holder = h('div', { class: 'suggestion-holder' }, add);
    input.after(this.list, holder);
    const take = (name: string) => {
      if (name.trim() !== '' && !this.names.includes(name.trim())) {
        this.set([...this.names, name.trim()]);
      }
      add.value = '';
    };
    new Suggestions({
      input: add,
      label: this.texts.get('add'),
      ask: () => suggestPaths(add.value.trim(), (path) => this.nameOf(path)),
      choose: (suggestion) => take(suggestion.value),
    });
    add.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !isComposing(event) && !event.defaultPrevented && add.value.trim() !== '') {
        event.preventDefault();
        take(add.value);
      }
    });
    this.addEventListener('columns', () => this.draw());
    if ('remember' in this.dataset) {
      this.closest('form')?.addEventListener('submit', () => void rememberColumns(this.names));
    }
    this.draw();
  }

  private get names(): string[] {
    return this.input.value.split(',').filter((name) => name !== '');
  }

  private set(names: readonly string[]): void {
    this.input.value = names.join(',');
    this.draw();
  }

  private nameOf(path: string): string | undefined {
    return this.texts.has(`field.${path}`) ? this.texts.get(`field.${path}`) : undefined;
  }

  private draw(): void {
    const names = this.names;
    this.list.replaceChildren(
      ...names.map((name, at) => {
        const move = (to: number, focus: number) => {
          const next = names.filter((_, index) => index !== at);
          next.splice(to, 0, name);
          this.set(next);
          this.list.children[to]?.querySelectorAll('button')[focus]?.focus();
        };
        return h(
          'li',
          {},
          h('span', { title: name }, this.nameOf(name) ?? name),
          this.tool('arrowUp', this.texts.get('up', { name }), at === 0, () => move(at - 1, at === 1 ? 1 : 0)),
          this.tool('arrowDown', this.texts.get('down', { name }), at === names.length - 1, () => move(at + 1, at === names.length - 2 ? 0 : 1)),
          this.tool('x', this.texts.get('remove', { name }), names.length === 1, () => {
            this.set(names.filter((_, index) => index !== at));
            this.list.children[Math.min(at, names.length - 2)]?.querySelectorAll('button')[2]?.focus();
          }),
        );
      }),
    );
  }

  private tool(name: 'arrowUp' | 'arrowDown' | 'x', label: string, disabled: boolean, act: () => void): HTMLButtonElement {
    const element = button('btn btn-sm btn-ghost btn-icon', '', act);
    element.replaceChildren(icon(name));
    element.setAttribute('aria-label', label);
    element.title = label;
    element.disabled = disabled;
    return element;
  }
}
