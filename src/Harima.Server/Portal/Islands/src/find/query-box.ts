// <query-box>: around the search field. Suggests fields, paths of the metadata, and values with how often they occur.
import { Suggestions, type Suggestion } from '../page/suggestions';
import { Texts } from '../page/texts';
import { put, tokenAt, without, writePath, writeValue } from './query-token';
import { suggestPaths, suggestValues } from './search-api';

export class QueryBox extends HTMLElement {
  private input!: HTMLInputElement;
  private suggestions!: Suggestions;
  private texts!: Texts;

  connectedCallback(): void {
    const input = this.querySelector('input');
    if (!input || this.input) {
      return;
    }
    this.input = input;
    this.texts = Texts.of(this);
    this.suggestions = new Suggestions({
      input,
      label: this.texts.get('suggestions'),
      ask: () => this.ask(),
      choose: (suggestion) => this.choose(suggestion),
      say: (count) => this.texts.get('count', { count }),
    });
  }

  private get token() {
    return tokenAt(this.input.value, this.input.selectionStart ?? this.input.value.length);
  }

  private ask(): Promise<Suggestion[]> | undefined {
    const token = this.token;
    const isHas = token.path?.toLowerCase() === 'has';
    if (token.path === undefined || isHas) {
      return token.typed.length === 0 && !isHas ? undefined : suggestPaths(token.typed, (path) => this.nameOf(path));
    }
    // Ranges and comparisons are numbers that nobody has to choose from a list.
    return /^[<>]|\.\.|[~～〜]/.test(token.typed) ? undefined : suggestValues(token.path, token.typed, without(this.input.value, token));
  }

  private nameOf(path: string): string | undefined {
    return this.texts.has(`field.${path}`) ? this.texts.get(`field.${path}`) : undefined;
  }

  private choose(suggestion: Suggestion): void {
    const token = this.token;
    const text = this.input.value;
    const isPath = token.path === undefined;
    const word = isPath ? `${writePath(suggestion.value)}:` : token.path?.toLowerCase() === 'has' ? writePath(suggestion.value) : writeValue(suggestion.value);
    const atEnd = token.end === text.length;
    const next = put(text, isPath ? token.start : token.valueStart, token.end, isPath || !atEnd ? word : `${word} `);
    this.input.value = next.text;
    this.input.setSelectionRange(next.caret, next.caret);
    this.input.dispatchEvent(new Event('query-changed', { bubbles: true }));
    if (isPath) {
      this.suggestions.soon(); // the values of the field that was chosen
    }
  }
}
