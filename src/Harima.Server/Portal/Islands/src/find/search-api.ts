// What the Find islands ask the server.
import type { Suggestion } from '../page/suggestions';
import { integer } from '../page/texts';

export interface FieldDescription {
  readonly name: string;
  readonly kind: 'keyword' | 'text' | 'time' | 'bytes' | 'count' | 'quantity' | 'element' | 'file';
  readonly aliases: readonly string[];
  readonly unit?: string | null;
}

interface PathAnswer {
  readonly path: string;
  readonly isShort: boolean;
  readonly unit?: string | null;
}

interface ValueAnswer {
  readonly value: string;
  readonly label?: string | null;
  readonly labelJa?: string | null;
  readonly count: number;
  readonly more: boolean;
}

/** Why a question cannot be read, and where. */
export class QueryProblem extends Error {
  constructor(
    message: string,
    /** In characters from 0. */
    readonly position: number | undefined,
  ) {
    super(message);
  }
}

export async function askJson<T>(path: string, query: Record<string, string>, init: RequestInit = {}): Promise<T> {
  const url = new URL(`/api/v1${path}`, location.href);
  for (const [name, value] of Object.entries(query)) {
    url.searchParams.set(name, value);
  }
  const reply = await fetch(url, { credentials: 'same-origin', ...init, headers: { accept: 'application/json', 'x-harima-csrf': '1', ...init.headers } });
  const answer: unknown = await reply.json();
  if (!reply.ok) {
    const problem = answer as { detail?: string; fields?: Record<string, string>; position?: string };
    const position = problem.fields?.['position'] ?? problem.position;
    throw new QueryProblem(problem.detail ?? `${reply.status}`, position === undefined ? undefined : Number(position) - 1);
  }
  return answer as T;
}

/** For the caller's next search; whoever is not logged in has the address. */
export async function rememberColumns(columns: readonly string[]): Promise<void> {
  await fetch('/api/v1/column-sets/last-used', {
    method: 'PUT',
    body: JSON.stringify({ columns }),
    headers: { 'content-type': 'application/json', 'x-harima-csrf': '1' },
    credentials: 'same-origin',
    // The page may be left at once.
    keepalive: true,
  }).catch(() => undefined);
}

export async function suggestPaths(text: string, nameOf: (path: string) => string | undefined, limit = 12): Promise<Suggestion[]> {
  const { items } = await askJson<{ items: PathAnswer[] }>('/search/paths', { text, limit: `${limit}` });
  return items.map((item) => ({
    value: item.path,
    label: item.path,
    detail: item.isShort ? nameOf(item.path) : undefined,
    count: item.unit ?? undefined,
  }));
}

/** @param among The question the values are counted in; where it cannot be read, all that one may see. */
export async function suggestValues(path: string, text: string, among: string, limit = 12): Promise<Suggestion[]> {
  const ask = (q: string) => askJson<{ items: ValueAnswer[] }>('/search/values', { path, text, q, limit: `${limit}` });
  const { items } = await ask(among).catch(() => ask(''));
  const japanese = document.documentElement.lang === 'ja';
  return items.map((item) => {
    const label = (japanese ? item.labelJa : null) ?? item.label;
    return { value: item.value, label: item.value, detail: label && label !== item.value ? label : undefined, count: integer(item.count) + (item.more ? '+' : '') };
  });
}
