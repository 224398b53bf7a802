import { describe, expect, it } from 'vitest';
import { put, tokenAt, without, writePath, writeValue } from '../src/find/query-token';

/** The caret stands where the bar is. */
function at(marked: string) {
  const caret = marked.indexOf('|');
  const text = marked.replace('|', '');
  const { path, typed, start, valueStart, end } = tokenAt(text, caret);
  return { path, typed, whole: text.slice(start, end), value: text.slice(valueStart, end) };
}

describe('the word the caret stands in', () => {
  it.each([
    ['tech|', { path: undefined, typed: 'tech', whole: 'tech', value: 'tech' }],
    ['a te|ch b', { path: undefined, typed: 'te', whole: 'tech', value: 'tech' }],
    ['technique:XA|', { path: 'technique', typed: 'XA', whole: 'technique:XA', value: 'XA' }],
    ['手法：ＸＡ|', { path: '手法', typed: 'ＸＡ', whole: '手法：ＸＡ', value: 'ＸＡ' }],
    ['sample.name:"Pt o|n C" x', { path: 'sample.name', typed: 'Pt o', whole: 'sample.name:"Pt on C"', value: '"Pt on C"' }],
    ['sample.name:"Pt on|', { path: 'sample.name', typed: 'Pt on', whole: 'sample.name:"Pt on', value: '"Pt on' }],
    ['technique:(XAFS OR SA|) size>1', { path: 'technique', typed: 'SA', whole: 'SA', value: 'SA' }],
    ['(technique:XAFS) be|', { path: undefined, typed: 'be', whole: 'be', value: 'be' }],
    ['-own|', { path: undefined, typed: 'own', whole: 'own', value: 'own' }],
    ['触媒　ビーム|', { path: undefined, typed: 'ビーム', whole: 'ビーム', value: 'ビーム' }],
    ['a\\ b:c|', { path: 'a b', typed: 'c', whole: 'a\\ b:c', value: 'c' }],
    ['|', { path: undefined, typed: '', whole: '', value: '' }],
  ])('%s', (marked, expected) => expect(at(marked)).toEqual(expected));
});

it('a value that would be read as more than one word is quoted', () => {
  expect(writeValue('XAFS')).toBe('XAFS');
  expect(writeValue('Powder XRD')).toBe('"Powder XRD"');
  expect(writeValue('2" wafer')).toBe('"2\\" wafer"');
  expect(writeValue('a..b')).toBe('"a..b"');
  expect(writeValue('OR')).toBe('"OR"');
  expect(writePath('detector:a b')).toBe('detector\\:a\\ b');
});

it('a chosen word takes the place of the one that was begun', () => {
  expect(put('x tech y', 2, 6, 'technique:')).toEqual({ text: 'x technique: y', caret: 12 });
});

it('values are counted among the rest of the question', () => {
  const text = 'size>1GB AND technique:XA';
  expect(without(text, tokenAt(text, text.length))).toBe('size>1GB');
});
