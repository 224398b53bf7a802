import { describe, expect, it } from 'vitest';
import { query, Selection, writeCommand } from '../src/selection/selection';
import { positionOf } from '../src/metadata/check';
import { findUnfinished, forgetUpload, rememberUpload, unfinishedUploads } from '../src/upload/unfinished';
import { bytes, duration, Texts } from '../src/page/texts';

function memory(): Storage {
  const map = new Map<string, string>();
  return { getItem: (key: string) => map.get(key) ?? null, setItem: (key: string, value: string) => void map.set(key, value) } as Storage;
}

describe('the selection', () => {
  it('survives the next page with its total size', () => {
    const storage = memory();
    new Selection(storage).set('2026A1234/S0001', 1_000_000, true);
    const next = new Selection(storage);
    next.set('2026A1234/S0002', 500, true);
    expect([next.count, next.sizeBytes]).toEqual([2, 1_000_500]);
    next.set('2026A1234/S0001', 1_000_000, false);
    expect(new Selection(storage).ids).toEqual(['2026A1234/S0002']);
    next.clear();
    expect(new Selection(storage).count).toBe(0);
  });

  it('starts empty where the storage holds something else', () => {
    const storage = memory();
    storage.setItem('harima.selection', '{"broken":');
    expect(new Selection(storage).count).toBe(0);
  });
});

describe('commands', () => {
  it('repeats a line for each sequence and lowers the bucket', () => {
    const template = { name: 'aws', text: 'aws s3 sync s3://{bucket}/{sequence}/ {proposal}/{sequence}' };
    expect(writeCommand(template, ['2026A1234/S0001', '2026A1234/S0002'])).toBe(
      'aws s3 sync s3://2026a1234/S0001/ 2026A1234/S0001\naws s3 sync s3://2026a1234/S0002/ 2026A1234/S0002',
    );
  });

  it('puts all sequences into one query where the tool takes one address', () => {
    expect(writeCommand({ name: 'curl', text: 'curl "http://x/download?{query}"' }, ['A/1', 'A/2 3'])).toBe(
      'curl "http://x/download?s=A/1&s=A/2%203"',
    );
    expect(query([])).toBe('');
  });
});

describe('the place of an error', () => {
  it('is found by line and column, and never lies outside its line', () => {
    const text = '{\n  "a": 1,\n  "b" 2\n}';
    expect(text.slice(positionOf(text, 3, 7))).toMatch(/^2/);
    expect(positionOf(text, 1, 99)).toBe(1);
    expect(positionOf(text, 99, 1)).toBe(text.length);
  });
});

describe('unfinished uploads', () => {
  const upload = { name: 'P / S', url: '/upload?s=S', fileCount: 5, finishedCount: 2, sizeBytes: 9, names: ['scan'], at: '' };

  it('are remembered once per page, newest first, and forgotten', () => {
    const storage = memory();
    rememberUpload(upload, storage);
    rememberUpload({ ...upload, url: '/upload?s=T' }, storage);
    rememberUpload({ ...upload, finishedCount: 4 }, storage);
    expect(unfinishedUploads(storage).map((each) => each.url)).toEqual(['/upload?s=S', '/upload?s=T']);
    expect(findUnfinished('/upload?s=S', storage)?.finishedCount).toBe(4);
    forgetUpload('/upload?s=S', storage);
    expect(findUnfinished('/upload?s=S', storage)).toBeUndefined();
  });
});

describe('texts', () => {
  const texts = new Texts({ hours: '{count} h', minutes: '{count} min', seconds: '{count} s', done: '{finished} of {count}' });

  it('fill in numbers with separators and leave what they do not know', () => {
    expect(texts.get('done', { finished: 1234 })).toBe('1,234 of {count}');
    expect(texts.get('missing')).toBe('missing');
  });

  it('write sizes in decimal units', () => {
    expect([0, 999, 1000, 12_345, 123_456_789, 1e15].map(bytes)).toEqual(['0 B', '999 B', '1.00 kB', '12.3 kB', '123 MB', '1.00 PB']);
  });

  it('write durations in two units', () => {
    expect([0.2, 61, 3600, 4805].map((seconds) => duration(seconds, texts))).toEqual(['1 s', '1 min 1 s', '1 h', '1 h 20 min']);
  });
});
