import { expect, it } from 'vitest';
import { mentionAt } from '../src/metadata/mention';

it.each([
  ['@le', 3, { from: 0, typed: 'le' }],
  ['見ました。@佐', 7, { from: 5, typed: '佐' }],
  ['see @', 5, { from: 4, typed: '' }],
  ['see ＠mem later', 8, { from: 4, typed: 'mem' }],
])('%s has a mention at %i', (text, caret, mention) => {
  expect(mentionAt(text, caret)).toEqual(mention);
});

it.each([
  ['a mail to me@example.jp', 15],
  ['@leader done', 12],
  ['nothing', 3],
])('%s has none at %i', (text, caret) => {
  expect(mentionAt(text, caret)).toBeUndefined();
});
