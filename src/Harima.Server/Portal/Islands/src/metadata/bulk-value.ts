// <bulk-value>: around the fields of one value for many sequences. Suggests the paths that the chosen sequences' documents have,
// exactly as they are written there, and for a path the values seen at it. data-found: where those that a question finds are asked for.
import { Suggestions, type Suggestion } from '../page/suggestions';
import { pathsIn, valuesIn, valuesOf, type Json } from './seen-values';

interface Documents {
  readonly measurement: Json | undefined;
  readonly sample: Json | undefined;
}

// Enough to know how a series is described.
const MostRead = 25;

export class BulkValue extends HTMLElement {
  private foundNames: Promise<string[]> | undefined;
  private readonly read = new Map<string, Promise<Documents | undefined>>();

  connectedCallback(): void {
    const [kind, path, value] = ['#bulk-kind', '#bulk-path', '#bulk-value'].map((id) => this.querySelector<HTMLInputElement>(id));
    if (!kind || !path || !value) {
      return;
    }
    const seen = async () => valuesOf(await this.documents(kind.value.toLowerCase() as keyof Documents));
    const label = (input: HTMLInputElement) => input.labels?.[0]?.textContent?.trim() ?? '';
    const take = (input: HTMLInputElement) => (chosen: Suggestion) => {
      input.value = chosen.value;
      input.dispatchEvent(new Event('change', { bubbles: true }));
    };
    new Suggestions({ input: path, label: label(path), choose: take(path), ask: async () => pathsIn(await seen(), path.value) });
    new Suggestions({ input: value, label: label(value), choose: take(value), ask: async () => valuesIn(await seen(), path.value, value.value) });
  }

  private async documents(kind: keyof Documents): Promise<Json[]> {
    const names = this.dataset['found']
      ? await (this.foundNames ??= this.namesFound(this.dataset['found']))
      : (document.querySelector<HTMLTextAreaElement>('#bulk-sequences')?.value ?? '').split(/[\s,]+/).filter((name) => name.includes('/'));
    const read = await Promise.all(names.slice(0, MostRead).map((name) => this.document(name)));
    return read.flatMap((one) => (one?.[kind] === undefined ? [] : [one[kind]]));
  }

  private async namesFound(url: string): Promise<string[]> {
    const reply = await fetch(url, { credentials: 'same-origin', headers: { accept: 'application/json' } }).catch(() => undefined);
    if (!reply?.ok) {
      return [];
    }
    const { items } = (await reply.json()) as { items: { sequence: { proposalId: string; id: string } }[] };
    return items.map(({ sequence }) => `${sequence.proposalId}/${sequence.id}`);
  }

  private document(name: string): Promise<Documents | undefined> {
    let found = this.read.get(name);
    if (!found) {
      const slash = name.indexOf('/');
      const [proposal, sequence] = [name.slice(0, slash), name.slice(slash + 1)].map(encodeURIComponent);
      const one = async (kind: string): Promise<Json | undefined> => {
        const reply = await fetch(`/api/v1/proposals/${proposal}/sequences/${sequence}/metadata/${kind}`, { credentials: 'same-origin', headers: { accept: 'application/json' } });
        return reply.ok ? ((await reply.json()) as Json) : undefined;
      };
      found = Promise.all([one('measurement'), one('sample')]).then(([measurement, sample]) => ({ measurement, sample })).catch(() => undefined);
      this.read.set(name, found);
    }
    return found;
  }
}
