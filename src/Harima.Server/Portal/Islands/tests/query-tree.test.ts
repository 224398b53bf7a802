import { describe, expect, it } from 'vitest';
import { fromTree, newRow, toTree, type Row, type Tree } from '../src/find/query-tree';

/** As the server keeps trees: no group of one or none inside another. */
function plain(tree: Tree): Tree {
  if ('all' in tree || 'any' in tree) {
    const parts = ('all' in tree ? tree.all : tree.any).map(plain);
    return parts.length === 1 ? parts[0]! : 'all' in tree ? { all: parts } : { any: parts };
  }
  return 'not' in tree ? { not: plain(tree.not) } : tree;
}

const trees: Tree[] = [
  { text: 'water' },
  { text: '水 分解', exact: true },
  { path: 'technique', is: 'XAFS' },
  { path: 'technique', is: 'Powder XRD', exact: true },
  { path: 'energy', is: '12.1keV' },
  { path: 'energy', from: '11.5', to: '12.1keV' },
  { path: 'energy', from: '11.5keV', to: '12.1keV' },
  { path: 'energy', from: '900 eV', to: '1.2keV' },
  { path: 'temperature', above: '300 K' },
  { path: 'size', below: '1.5GB' },
  { path: 'date', from: '2026-04' },
  { path: 'date', to: '2026-04-01' },
  { path: 'date', from: '2026-04', to: '2026-06' },
  { path: 'beamline', is: 'BL14B2' },
  { path: 'sample.name', exists: true },
  { not: { path: 'status', is: 'open' } },
  { not: { not: { text: 'a' } } },
  { not: { any: [{ text: 'a' }, { not: { all: [{ text: 'b' }, { path: 'x', is: '3' }] } }] } },
  { all: [{ text: 'a' }, { any: [{ text: 'b' }, { path: 'energy', from: '1', to: '2' }] }, { not: { text: 'c' } }] },
];

describe('a question', () => {
  it.each(trees.map((tree) => [JSON.stringify(tree), tree] as const))('%s becomes rows and itself again', (_, tree) => {
    expect(plain(toTree(fromTree(tree))!)).toEqual(plain(tree));
  });

  it('has its units apart from its numbers, and what is no quantity whole', () => {
    const row = (tree: Tree) => fromTree(tree).parts[0] as Row;
    expect(row({ path: 'energy', from: '11.5', to: '12.1keV' })).toMatchObject({ operator: 'between', value: '11.5', to: '12.1', unit: 'keV' });
    expect(row({ path: 'temperature', above: '300 K' })).toMatchObject({ value: '300', unit: 'K' });
    expect(row({ path: 'beamline', is: 'BL14B2' })).toMatchObject({ value: 'BL14B2', unit: '' });
    expect(row({ path: 'date', is: '2026-04' })).toMatchObject({ value: '2026-04', unit: '' });
  });

  it('leaves out what is not filled in yet', () => {
    expect(toTree(newRow())).toBeUndefined();
    expect(toTree({ ...newRow('energy'), operator: 'between', value: '1' })).toBeUndefined();
    expect(toTree({ ...fromTree({ all: [] }), parts: [newRow(), { ...newRow(), value: 'a' }] })).toEqual({ all: [{ text: 'a' }] });
  });
});
