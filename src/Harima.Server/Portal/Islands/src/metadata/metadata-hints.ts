// <metadata-hints>: says beside what is about to be sent which required fields of the chosen schemas are still empty, and leads there.
import { button, h, icon } from '../page/dom';
import { Texts } from '../page/texts';
import type { MetadataStanding } from './metadata-check';

const MostNamed = 6;

export class MetadataHints extends HTMLElement {
  private texts!: Texts;
  private readonly standings = new Map<string, MetadataStanding>();
  private readonly said = h('div', { role: 'status', 'aria-live': 'polite' });

  connectedCallback(): void {
    if (this.texts) {
      return;
    }
    this.texts = Texts.of(this);
    this.append(this.said);
    document.addEventListener('metadata-standing', (event) => {
      const { detail } = event as CustomEvent<MetadataStanding>;
      this.standings.set(detail.id, detail);
      this.draw();
    });
  }

  private draw(): void {
    const lines = [...this.standings.values()]
      .filter((standing) => standing.errors > 0 || standing.missing.length > 0)
      .map((standing) => {
        const key = standing.errors > 0 ? 'errors' : 'missing';
        const count = standing.errors > 0 ? standing.errors : standing.missing.length;
        const named = standing.errors > 0 ? '' : standing.missing.slice(0, MostNamed).join(this.texts.get('comma')) + (standing.missing.length > MostNamed ? '…' : '');
        const go = button('btn btn-link btn-sm', this.texts.get('go'), () => {
          const panel = document.getElementById(standing.id)?.closest('section');
          panel?.scrollIntoView({ block: 'start' });
          panel?.querySelector<HTMLElement>('.metadata-missing button, .metadata-errors button, input, textarea')?.focus();
        });
        go.setAttribute('aria-label', `${this.texts.get('go')}: ${this.texts.get(standing.id)}`);
        return h('p', {}, icon('failed'), ' ', h('strong', {}, this.texts.get(standing.id)), ` – ${this.texts.get(key, { count, named })} `, go);
      });
    this.hidden = lines.length === 0;
    this.said.replaceChildren(...lines, ...(lines.length > 0 ? [h('p', { class: 'text-body-secondary' }, this.texts.get('later'))] : []));
  }
}
