// <mention-input data-people data-label>: around the text of a comment. After an @ the people of the proposal are suggested, and
// others by at least two letters; who is chosen is written by id, as the server reads it.
import { Suggestions, type Suggestion } from '../page/suggestions';
import { mentionAt } from './mention';

interface Person {
  readonly id: string;
  readonly name: string;
  readonly detail?: string | null;
}

const MostShown = 8;

export class MentionInput extends HTMLElement {
  private near: Promise<readonly Person[]> | undefined;

  connectedCallback(): void {
    const area = this.querySelector('textarea');
    if (!area) {
      return;
    }
    const suggestions: Suggestions = new Suggestions({
      input: area,
      label: this.dataset['label'] ?? '',
      ask: () => {
        const mention = mentionAt(area.value, area.selectionStart);
        if (!mention) {
          suggestions.close();
          return undefined;
        }
        return this.suggest(mention.typed);
      },
      choose: (chosen) => {
        const mention = mentionAt(area.value, area.selectionStart);
        if (mention) {
          area.setRangeText(`@${chosen.value} `, mention.from, area.selectionStart, 'end');
          area.dispatchEvent(new Event('input', { bubbles: true }));
        }
      },
    });
  }

  private async suggest(typed: string): Promise<Suggestion[]> {
    this.near ??= people(this.dataset['people'] ?? '').catch(() => []);
    const found = (await this.near).filter((person) => fits(person, typed));
    if (typed.length >= 2) {
      const others = await people(`/api/v1/people?query=${encodeURIComponent(typed)}`).catch(() => []);
      found.push(...others.filter((person) => !found.some((known) => known.id === person.id)));
    }
    return found.slice(0, MostShown).map((person) => ({ value: person.id, label: person.name, detail: `@${person.id}` }));
  }
}

function fits(person: Person, typed: string): boolean {
  const wanted = typed.toLowerCase();
  return person.id.toLowerCase().startsWith(wanted) || person.name.toLowerCase().includes(wanted);
}

async function people(address: string): Promise<Person[]> {
  const reply = await fetch(address, { credentials: 'same-origin', headers: { accept: 'application/json' } });
  if (!reply.ok) {
    return [];
  }
  const { items } = (await reply.json()) as { items: { id?: string; userId?: string; name?: string; displayName?: string }[] };
  const found = new Map<string, Person>();
  for (const item of items) {
    const id = item.userId ?? item.id ?? '';
    found.set(id, { id, name: item.displayName ?? item.name ?? id });
  }
  return [...found.values()];
}
