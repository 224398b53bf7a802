// <sample-picker data-many>: around a text field for the id of a sample, or several with commas. Suggests by name, formula or id.
import { Suggestions } from '../page/suggestions';

interface SampleAnswer {
  readonly id: string;
  readonly proposalId: string;
  readonly name: string;
}

export class SamplePicker extends HTMLElement {
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
    const isMany = 'many' in this.dataset;
    const begun = () => (isMany ? (input.value.split(/[,、]/).at(-1) ?? '') : input.value).trim();
    new Suggestions({
      input,
      label: input.labels?.[0]?.textContent?.trim() ?? '',
      ask: () => (begun() === '' ? undefined : suggest(begun())),
      choose: (suggestion) => {
        const before = isMany ? input.value.split(/[,、]/).slice(0, -1).map((id) => id.trim()) : [];
        input.value = [...before, suggestion.value].join(', ');
        input.dispatchEvent(new Event('change', { bubbles: true }));
      },
    });
  }
}

async function suggest(text: string) {
  const reply = await fetch(`/api/v1/samples?limit=10&text=${encodeURIComponent(text)}`, { credentials: 'same-origin', headers: { accept: 'application/json' } });
  const { items } = (await reply.json()) as { items: SampleAnswer[] };
  return items.map((sample) => ({ value: sample.id, label: sample.name, detail: `${sample.id} · ${sample.proposalId}` }));
}
