// What is selected in the download table: kept for the browser tab, over pages, sorts and searches.

const StorageKey = 'harima.selection';

/** `2026A1234/S0042` -> its size. */
export class Selection {
  private readonly sizes: Map<string, number>;

  constructor(private readonly storage: Storage) {
    this.sizes = new Map(read(storage));
  }

  get ids(): string[] {
    return [...this.sizes.keys()];
  }

  get count(): number {
    return this.sizes.size;
  }

  get sizeBytes(): number {
    let sum = 0;
    for (const size of this.sizes.values()) {
      sum += size;
    }
    return sum;
  }

  has(id: string): boolean {
    return this.sizes.has(id);
  }

  set(id: string, sizeBytes: number, selected: boolean): void {
    if (selected) {
      this.sizes.set(id, sizeBytes);
    } else {
      this.sizes.delete(id);
    }
    this.save();
  }

  /** Many at once, written down once. */
  add(all: Iterable<readonly [id: string, sizeBytes: number]>): void {
    for (const [id, sizeBytes] of all) {
      this.sizes.set(id, sizeBytes);
    }
    this.save();
  }

  clear(): void {
    this.sizes.clear();
    this.save();
  }

  private save(): void {
    try {
      this.storage.setItem(StorageKey, JSON.stringify([...this.sizes]));
    } catch {
      // A selection that does not survive the next page is still a selection.
    }
  }
}

function read(storage: Storage): [string, number][] {
  try {
    const stored: unknown = JSON.parse(storage.getItem(StorageKey) ?? '[]');
    return Array.isArray(stored) ? (stored as [string, number][]) : [];
  } catch {
    return [];
  }
}

/** A server tool, and how its command is written; the server gives them because it knows its own addresses. */
export interface CommandTemplate {
  readonly name: string;
  /** `{proposal}` `{sequence}` `{bucket}` stand for one selected sequence and repeat the line; `{query}` for all at once. */
  readonly text: string;
  readonly note?: string | undefined;
}

export function writeCommand(template: CommandTemplate, ids: readonly string[]): string {
  if (template.text.includes('{query}')) {
    return template.text.replace('{query}', query(ids));
  }
  return ids
    .map((id) => {
      const [proposal = '', sequence = ''] = id.split('/');
      const values: Record<string, string> = { proposal, sequence, bucket: proposal.toLowerCase() };
      return template.text.replace(/\{(proposal|sequence|bucket)\}/g, (_, name: string) => values[name]!);
    })
    .join('\n');
}

export function query(ids: readonly string[]): string {
  return ids.map((id) => 's=' + id.split('/').map(encodeURIComponent).join('/')).join('&');
}
