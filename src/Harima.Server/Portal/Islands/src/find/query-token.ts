// Which word of a question the caret stands in, and how a chosen one is written there. The server's parser decides what a
// question means; this only has to know where words begin and end (docs/reference/search.md).

const Space = /[\s\u3000]/;
const Opening = '(（';
const Closing = ')）';
const Colons = ':：';
const Quotes = '"“”＂';

export interface Token {
  /** From the beginning of the word, its field included. */
  readonly start: number;
  /** From the beginning of the value; as start where there is no field. */
  readonly valueStart: number;
  /** Up to the end of the word the caret stands in. */
  readonly end: number;
  /** The field in front of the colon, or of the bracket around. */
  readonly path: string | undefined;
  /** What stands between valueStart and the caret, without quotation marks and backslashes. */
  readonly typed: string;
}

export function tokenAt(text: string, caret: number): Token {
  const groups: (string | undefined)[] = [];
  let group: string | undefined;
  let start = 0;
  let colon = -1;
  let quoted = false;
  for (let at = 0; at < caret; at++) {
    const c = text[at]!;
    if (c === '\\') {
      at++;
    } else if (Quotes.includes(c)) {
      quoted = !quoted;
    } else if (quoted) {
      continue;
    } else if (Space.test(c)) {
      [start, colon] = [at + 1, -1];
    } else if (Opening.includes(c)) {
      groups.push(group);
      if (colon >= 0 && colon === at - 1) {
        group = plain(text.slice(start, colon));
      }
      [start, colon] = [at + 1, -1];
    } else if (Closing.includes(c)) {
      group = groups.pop();
      [start, colon] = [at + 1, -1];
    } else if (group === undefined && colon < 0 && Colons.includes(c)) {
      colon = at;
    } else if (group === undefined && c === '-' && at === start) {
      start = at + 1;
    }
  }
  let end = caret;
  while (end < text.length && (quoted || !(Space.test(text[end]!) || Opening.includes(text[end]!) || Closing.includes(text[end]!)))) {
    const c = text[end]!;
    end += c === '\\' ? 2 : 1;
    if (Quotes.includes(c)) {
      quoted = false;
      break;
    }
  }
  end = Math.min(end, text.length);
  const valueStart = colon >= 0 ? colon + 1 : start;
  return {
    start,
    valueStart,
    end,
    path: colon >= 0 ? plain(text.slice(start, colon)) : group,
    typed: plain(text.slice(valueStart, caret)),
  };
}

/** Without the marks that only say how to read it. */
function plain(text: string): string {
  let out = '';
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\' && at + 1 < text.length) {
      out += text[++at];
    } else if (!Quotes.includes(text[at]!)) {
      out += text[at];
    }
  }
  return out;
}

/** A value so that it is read as itself: in quotation marks where it would be read as more than one word. */
export function writeValue(value: string): string {
  return /[\s\u3000()（）"“”＂\\<>~～〜*]|\.\.|^-|^(AND|OR|NOT)$/.test(value) ? `"${value.replace(/[\\"“”＂]/g, '\\$&')}"` : value;
}

/** A path in front of a colon. */
export function writePath(path: string): string {
  return path.replace(/[\s\u3000()（）"“”＂\\<>~～〜:：]|^-/g, '\\$&');
}

/** The question with its caret after the chosen word. */
export function put(text: string, from: number, to: number, word: string): { text: string; caret: number } {
  return { text: text.slice(0, from) + word + text.slice(to), caret: from + word.length };
}

/** The question without the word the caret stands in: what the suggested values are counted among. */
export function without(text: string, token: Token): string {
  return `${text.slice(0, token.start)} ${text.slice(token.end)}`.replace(/\b(AND|OR|NOT)\s*$/, '').trim();
}
