import { expect, it } from 'vitest';
import { pathsIn, valuesIn, valuesOf, type Json } from '../src/metadata/seen-values';

const documents: Json[] = [
  { method: { technique: 'XAFS', edge: 'Pt L3' }, sample: [{ name: 'Pt foil' }], energy: 11.56 },
  { method: { technique: 'XAFS' }, energy: 12 },
];

it('paths are as a change takes them, those that begin so first', () => {
  const seen = valuesOf(documents);
  expect(pathsIn(seen, 'e').map((one) => one.value)).toEqual(['energy', 'method.technique', 'method.edge', 'sample[0].name']);
  expect(pathsIn(seen, 'technique')).toEqual([{ value: 'method.technique', label: 'method.technique', detail: 'XAFS', count: '2' }]);
});

it('values are those seen at the path, the most frequent first', () => {
  const seen = valuesOf([...documents, { method: { technique: 'SAXS' } }]);
  expect(valuesIn(seen, 'method.technique', '').map((one) => one.value)).toEqual(['XAFS', 'SAXS']);
  expect(valuesIn(seen, 'energy', '11').map((one) => one.value)).toEqual(['11.56']);
  expect(valuesIn(seen, 'nowhere', '')).toEqual([]);
});
