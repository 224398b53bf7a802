import { describe, expect, it } from 'vitest';
import { numberText, parseJson, find, pathText, removeValue, setValue } from '../src/metadata/json-text';
import { SchemaReader } from '../src/metadata/schema';

describe('the text of a document', () => {
  it('keeps every character but the one value', () => {
    const text = '{\n  "a": 8.00,\n  "b": { "c": "銀" }\n}';
    expect(setValue(text, ['b', 'c'], '"金"')).toBe('{\n  "a": 8.00,\n  "b": { "c": "金" }\n}');
    expect(setValue(text, ['d'], '1')).toBe('{\n  "a": 8.00,\n  "b": { "c": "銀" },\n  "d": 1\n}');
  });

  it('makes what leads to a value', () => {
    expect(setValue('', ['m', 'e', 'value'], '7.1')).toBe('{\n  "m": { "e": { "value": 7.1 } }\n}');
    expect(setValue('{"s": []}', ['s', 0, 'n'], '"x"')).toBe('{"s": [{ "n": "x" }]}');
  });

  it('does not write over what is no group', () => {
    expect(setValue('{"m": 5}', ['m', 'e'], '1')).toBeUndefined();
    expect(setValue('{"m": null}', ['m', 'e'], '1')).toBe('{"m": { "e": 1 }}');
    expect(setValue('{"m": ', ['m'], '1')).toBeUndefined();
  });

  it('takes a value away, and the groups that only held it', () => {
    expect(removeValue('{"a": 1, "m": {"e": {"value": 1}}}', ['m', 'e', 'value'])).toBe('{"a": 1}');
    expect(removeValue('{"s": [1, 2, 3]}', ['s', 1])).toBe('{"s": [1, 3]}');
    expect(removeValue('{"a": 1}', ['b'])).toBe('{"a": 1}');
  });

  it('reads escapes, the last of equal names, and numbers as they are written', () => {
    const root = parseJson('{"a": 1, "a": "x\\"\\u9280", "n": -1.50e-3}');
    expect(find(root, ['a'])?.text).toBe('x"銀');
    expect(find(root, ['n'])?.text).toBe('-1.50e-3');
    expect(parseJson('{"a": }')).toBeUndefined();
  });

  it('writes paths as the server does', () => {
    expect(pathText(['sample', 0, 'name'])).toBe('$.sample[0].name');
    expect(pathText(['a.b', '試料'])).toBe('$["a.b"].試料');
  });

  it('takes numbers as people type them', () => {
    expect(['１１．５', '.5', '+3', '1e-7', '−2', '8.00', '5.'].map(numberText)).toEqual(['11.5', '0.5', '3', '1e-7', '-2', '8.00', '5']);
    expect(['abc', '1,5', '0x1', '', '01'].map(numberText)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });
});

describe('what a form needs of a schema', () => {
  it('reads the labels, units and placeholders of NIMS', () => {
    const reader = new SchemaReader(
      { required: ['energy'], properties: { energy: { label: { ja: 'エネルギー', en: 'Energy' }, type: 'number', options: { unit: 'keV', placeholder: { en: 'e.g. 11.5', ja: '例 11.5' } } } } },
      'ja',
    );
    expect(reader.rootFields[0]).toMatchObject({ key: 'energy', label: 'エネルギー', kind: 'number', unit: 'keV', placeholder: '例 11.5', required: true });
  });

  it('reads the references, descriptions and neighbouring units of SPring-8', () => {
    const schema = {
      $schema: 'http://json-schema.org/draft-07/schema',
      properties: { ring: { $ref: '#/definitions/@ring' } },
      definitions: {
        '@ring': { $id: 'key:@ring', type: 'object', title: '@ring', properties: { energy: { $ref: '#/definitions/@ring@energy' }, energy_unit: { type: 'string', title: '@ring@energy_unit' } } },
        '@ring@energy': { oneOf: [{ type: 'number' }, { type: 'null' }], description: 'ビームエネルギー\nbeam energy' },
      },
    };
    const reader = new SchemaReader(schema, 'en');
    const ring = reader.rootFields[0]!;
    expect(ring).toMatchObject({ key: 'ring', label: 'ring', kind: 'object' });
    const fields = reader.fieldsOf(ring.schema);
    expect(fields).toHaveLength(1);
    expect(fields[0]).toMatchObject({ label: 'beam energy', kind: 'number', unitKey: 'energy_unit' });
    expect(new SchemaReader(schema, 'ja').fieldsOf(ring.schema)[0]!.label).toBe('ビームエネルギー');
  });

  it('takes a value with a choice of units as one field, and vocabularies as choices', () => {
    const reader = new SchemaReader(
      { properties: { e: { type: 'object', properties: { value: { type: 'number' }, unit: { enum: ['eV', 'keV'] } } }, edge: { enum: ['K', 'L3'] }, gas: { type: 'string', examples: ['Ar'] }, who: { type: 'array', items: { type: 'string' } } } },
      'en',
    );
    const [e, edge, gas, who] = reader.rootFields;
    expect(e).toMatchObject({ kind: 'quantity', units: ['eV', 'keV'] });
    expect(edge).toMatchObject({ kind: 'string', choices: ['K', 'L3'] });
    expect(gas).toMatchObject({ examples: ['Ar'] });
    expect(reader.itemOf(who!).kind).toBe('string');
  });

  it('ends where a schema holds itself', () => {
    const reader = new SchemaReader({ $ref: '#', properties: { a: { $ref: '#' } } }, 'en');
    expect(reader.rootFields.map((field) => field.key)).toEqual(['a']);
  });
});
