import { h, isComposing } from './dom';

interface Person {
  readonly id: string;
  readonly name: string;
  readonly email?: string | null;
  readonly affiliation?: string | null;
}

const QuietMs = 200;

/** `<person-input data-url data-label>`: around a text input; suggests people while typing (WAI-ARIA combobox). */
export class PersonInput extends HTMLElement {
  private input!: HTMLInputElement;
  private readonly options = h('ul', { class: 'person-options', role: 'listbox', hidden: true });
  private people: Person[] = [];
  private active = -1;
  private timer = 0;
  private asked = 0;

  connectedCallback(): void {
    const input = this.querySelector('input');
    if (!input || this.input) {
      return;
    }
    this.input = input;
    this.options.id = `${input.id}-options`;
    this.options.setAttribute('aria-label', this.dataset['label'] ?? '');
    for (const [name, value] of Object.entries({
      role: 'combobox', autocomplete: 'off', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': this.options.id,
    })) {
      input.setAttribute(name, value);
    }
    input.after(this.options);
    input.addEventListener('input', () => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.ask(), QuietMs);
    });
    input.addEventListener('keydown', (event) => this.key(event));
    input.addEventListener('blur', () => setTimeout(() => this.close(), 150));
  }

  private async ask(): Promise<void> {
    const text = this.input.value.trim();
    const turn = ++this.asked;
    if (text.length < 2) {
      this.close();
      return;
    }
    try {
      const url = `${this.dataset['url'] ?? '/api/v1/people'}?query=${encodeURIComponent(text)}`;
      const reply = await fetch(url, { credentials: 'same-origin', headers: { accept: 'application/json' } });
      const answer = (await reply.json()) as Person[] | { items: Person[] };
      if (turn === this.asked && reply.ok) {
        this.show(Array.isArray(answer) ? answer : answer.items);
      }
    } catch {
      this.close(); // the field still takes an id or an e-mail by hand
    }
  }

  private show(people: Person[]): void {
    this.people = people.slice(0, 8);
    this.active = -1;
    this.options.replaceChildren(
      ...this.people.map((person, index) => {
        const detail = [person.id, person.affiliation ?? person.email].filter(Boolean).join(' · ');
        const option = h(
          'li',
          { role: 'option', id: `${this.options.id}-${index}`, 'aria-selected': 'false' },
          h('span', { class: 'person-name' }, person.name),
          h('span', { class: 'person-detail' }, detail),
        );
        option.addEventListener('mousedown', (event) => {
          event.preventDefault();
          this.choose(index);
        });
        return option;
      }),
    );
    this.options.hidden = this.people.length === 0;
    this.input.setAttribute('aria-expanded', String(!this.options.hidden));
  }

  private key(event: KeyboardEvent): void {
    if (this.options.hidden || isComposing(event)) {
      return;
    }
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : -1;
      this.move((this.active + step + this.people.length) % this.people.length);
      event.preventDefault();
    } else if (event.key === 'Enter' && this.active >= 0) {
      this.choose(this.active);
      event.preventDefault();
    } else if (event.key === 'Escape') {
      this.close();
      event.preventDefault();
    }
  }

  private move(index: number): void {
    this.options.children[this.active]?.setAttribute('aria-selected', 'false');
    this.active = index;
    const option = this.options.children[index]!;
    option.setAttribute('aria-selected', 'true');
    option.scrollIntoView({ block: 'nearest' });
    this.input.setAttribute('aria-activedescendant', option.id);
  }

  private choose(index: number): void {
    this.input.value = this.people[index]!.id;
    this.close();
  }

  private close(): void {
    this.options.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
    this.input.removeAttribute('aria-activedescendant');
  }
}
