// What is seen in some documents: paths as a change of metadata takes them, and the values at each.
import type { Suggestion } from '../page/suggestions';
import { integer } from '../page/texts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const MostShown = 14;

/** Every value by its path, and how often it was seen there. */
export function valuesOf(documents: readonly Json[]): Map<string, Map<string, number>> {
  const found = new Map<string, Map<string, number>>();
  const walk = (value: Json, path: string) => {
    if (Array.isArray(value)) {
      value.forEach((item: Json, n) => walk(item, `${path}[${n}]`));
    } else if (value !== null && typeof value === 'object') {
      for (const [key, inner] of Object.entries(value)) {
        walk(inner as Json, path === '' ? key : `${path}.${key}`);
      }
    } else if (path !== '') {
      const values = found.get(path) ?? new Map<string, number>();
      const text = String(value);
      values.set(text, (values.get(text) ?? 0) + 1);
      found.set(path, values);
    }
  };
  documents.forEach((one) => walk(one, ''));
  return found;
}

export function pathsIn(seen: ReadonlyMap<string, ReadonlyMap<string, number>>, typed: string): Suggestion[] {
  const wanted = typed.trim().toLowerCase();
  return [...seen]
    .filter(([path]) => path.toLowerCase().includes(wanted))
    // What begins so before what merely has it.
    .sort(([a], [b]) => Number(b.toLowerCase().startsWith(wanted)) - Number(a.toLowerCase().startsWith(wanted)))
    .slice(0, MostShown)
    .map(([path, values]) => ({ value: path, label: path, detail: [...values.keys()].slice(0, 3).join(', '), count: integer(sum(values)) }));
}

export function valuesIn(seen: ReadonlyMap<string, ReadonlyMap<string, number>>, path: string, typed: string): Suggestion[] {
  const wanted = typed.trim().toLowerCase();
  return [...(seen.get(path.trim()) ?? [])]
    .filter(([value]) => value.toLowerCase().includes(wanted))
    .sort(([, a], [, b]) => b - a)
    .slice(0, MostShown)
    .map(([value, count]) => ({ value, label: value, count: integer(count) }));
}

function sum(values: ReadonlyMap<string, number>): number {
  return [...values.values()].reduce((total, count) => total + count, 0);
}
