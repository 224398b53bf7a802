// `<person-input data-url data-label>`: around a text input; suggests people while somebody types a name.
import { Suggestions, type Suggestion } from './suggestions';

interface Person {
  readonly id: string;
  readonly name: string;
  readonly email?: string | null;
  readonly affiliation?: string | null;
}

const MostShown = 8;
const ShortestQuery = 2;

export class PersonInput extends HTMLElement {
  private input: HTMLInputElement | null = null;

  connectedCallback(): void {
    if (this.input) {
      return;
    }
    this.input = this.querySelector('input');
    const input = this.input;
    if (!input) {
      return;
    }
    new Suggestions({
      input,
      label: this.dataset['label'] ?? '',
      ask: () => {
        const typed = input.value.trim();
        return typed.length < ShortestQuery ? undefined : this.people(typed);
      },
      choose: (person) => {
        input.value = person.value;
      },
    });
  }

  /** Where nobody can be asked, the field still takes an id or an e-mail by hand. */
  private async people(typed: string): Promise<Suggestion[]> {
    const url = `${this.dataset['url'] ?? '/api/v1/people'}?query=${encodeURIComponent(typed)}`;
    const reply = await fetch(url, { credentials: 'same-origin', headers: { accept: 'application/json' } });
    if (!reply.ok) {
      return [];
    }
    const { items } = (await reply.json()) as { items: Person[] };
    return items.slice(0, MostShown).map((person) => ({
      value: person.id,
      label: person.name,
      detail: [person.id, person.affiliation ?? person.email].filter(Boolean).join(' · '),
    }));
  }
}
