// A list of suggestions below a text field (WAI-ARIA combobox): arrows move, Enter or Tab take, Escape closes. While an input
// method composes (Japanese kana before they are kanji) its keys are its own.
import { h, isComposing, setText } from './dom';

export interface Suggestion {
  readonly value: string;
  readonly label: string;
  readonly detail?: string | undefined;
  /** At the end of the line: how often. */
  readonly count?: string | undefined;
}

export interface SuggestionsOptions {
  readonly input: HTMLInputElement | HTMLTextAreaElement;
  readonly label: string;
  /** For what is in the field now; undefined for nothing to suggest. */
  readonly ask: () => Promise<readonly Suggestion[]> | undefined;
  readonly choose: (suggestion: Suggestion) => void;
  /** "5 suggestions" for those who hear the page. */
  readonly say?: ((count: number) => string) | undefined;
}

const QuietMs = 150;
let made = 0;

export class Suggestions {
  private readonly list = h('ul', { class: 'suggestions', role: 'listbox', hidden: true });
  private readonly status = h('span', { class: 'visually-hidden', role: 'status' });
  private shown: readonly Suggestion[] = [];
  private active = -1;
  private timer = 0;
  private turn = 0;
  /** Typed on since the list was shown. */
  private stale = false;
  /** Keys for a list that is asked for and not here yet: nobody who types fast looks at it first. */
  private ahead: string[] | undefined;

  constructor(private readonly options: SuggestionsOptions) {
    const { input, label } = options;
    this.list.id = `suggestions-${++made}`;
    this.list.setAttribute('aria-label', label);
    // A field of several lines is no combobox: it stays a text that has a list.
    const kind = this.isCombobox ? { role: 'combobox', 'aria-expanded': 'false' } : { 'aria-haspopup': 'listbox' };
    for (const [name, value] of Object.entries({ ...kind, autocomplete: 'off', 'aria-autocomplete': 'list', 'aria-controls': this.list.id })) {
      input.setAttribute(name, value);
    }
    input.after(this.list, this.status);
    input.addEventListener('input', () => this.soon());
    input.addEventListener('compositionend', () => this.soon());
    input.addEventListener('keydown', (event) => {
      const { key } = event as KeyboardEvent;
      if (isComposing(event as KeyboardEvent) || !this.takes(key)) {
        return;
      }
      event.preventDefault();
      if (key === 'Escape') {
        event.stopPropagation(); // the list is closed by it, not what lies around
      }
    });
    // A click on an option takes it before the field is left.
    input.addEventListener('blur', () => this.close());
    input.addEventListener('click', () => {
      if (!this.list.hidden) {
        this.soon();
      }
    });
    // Typed while this script was still on its way.
    if (document.activeElement === input && input.value !== input.defaultValue) {
      this.soon();
    }
  }

  soon(): void {
    this.stale = true;
    this.ahead = undefined;
    this.move(-1); // what was marked may not fit what was typed since
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.refresh(), QuietMs);
  }

  private get isCombobox(): boolean {
    return this.options.input instanceof HTMLInputElement;
  }

  private expand(isOpen: boolean): void {
    this.list.hidden = !isOpen;
    if (this.isCombobox) {
      this.options.input.setAttribute('aria-expanded', String(isOpen));
    }
  }

  close(): void {
    clearTimeout(this.timer);
    this.turn++;
    this.stale = false;
    this.ahead = undefined;
    this.expand(false);
    this.move(-1);
  }

  private async refresh(): Promise<void> {
    clearTimeout(this.timer);
    const turn = ++this.turn;
    let found: readonly Suggestion[] = [];
    try {
      found = (await this.options.ask()) ?? [];
    } catch {
      // Whoever knows what to write needs no suggestion.
    }
    if (turn === this.turn && document.activeElement === this.options.input) {
      this.show(found);
    }
  }

  private show(found: readonly Suggestion[]): void {
    this.stale = false;
    this.shown = found;
    this.move(-1);
    this.list.replaceChildren(
      ...found.map((one, index) => {
        const option = h(
          'li',
          { role: 'option', id: `${this.list.id}-${index}`, 'aria-selected': 'false' },
          h('span', { class: 'suggestion-name' }, one.label, ...(one.detail ? [h('span', { class: 'suggestion-detail' }, one.detail)] : [])),
          ...(one.count ? [h('span', { class: 'suggestion-count' }, one.count)] : []),
        );
        option.addEventListener('mousedown', (event) => {
          event.preventDefault();
          this.choose(index);
        });
        return option;
      }),
    );
    this.expand(found.length > 0);
    setText(this.status, found.length > 0 ? (this.options.say?.(found.length) ?? '') : '');
  }

  /** What a key does here; false where it is the field's own, as Enter of a form is. */
  private takes(key: string): boolean {
    if (key === 'Escape') {
      const isOurs = !this.list.hidden || this.ahead !== undefined;
      this.close();
      return isOurs;
    }
    const isArrow = key === 'ArrowDown' || key === 'ArrowUp';
    if (this.ahead && (isArrow || key === 'Enter')) {
      this.ahead.push(key);
      return true;
    }
    if (this.list.hidden) {
      if (key !== 'ArrowDown' || !this.isCombobox) {
        return false;
      }
      // Typed and the list not here yet: the arrow means what will be in it. Else it only opens the list.
      void this.askAhead(this.stale ? [key] : []);
      return true;
    }
    if (isArrow) {
      if (this.stale) {
        void this.askAhead([key]); // not one of a list that no longer fits what was typed
      } else {
        this.step(key === 'ArrowDown' ? 1 : -1);
      }
      return true;
    }
    if ((key === 'Enter' || key === 'Tab') && this.active >= 0) {
      this.choose(this.active);
      return true;
    }
    if (key === 'Enter') {
      this.close();
    }
    return false;
  }

  /** Asks for the list, and then does what the keys said meanwhile. */
  private async askAhead(keys: string[]): Promise<void> {
    this.ahead = keys;
    await this.refresh();
    if (this.ahead !== keys) {
      return; // closed, or typed on
    }
    this.ahead = undefined;
    for (const key of keys) {
      if (key !== 'Enter') {
        this.step(key === 'ArrowDown' ? 1 : -1);
      } else if (this.active >= 0) {
        this.choose(this.active);
        return;
      } else {
        this.close();
        this.enter();
        return;
      }
    }
  }

  /** Enter that was held back and is the field's own after all: whoever listens has it first, as with the key itself. */
  private enter(): void {
    const { input } = this.options;
    if (this.isCombobox && input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))) {
      input.form?.requestSubmit();
    }
  }

  /** Beyond either end lies the field itself: what was typed is one step away. */
  private step(by: 1 | -1): void {
    const next = (this.active === -1 && by < 0 ? this.shown.length : this.active) + by;
    this.move(next < 0 || next >= this.shown.length ? -1 : next);
  }

  private move(index: number): void {
    this.list.children[this.active]?.setAttribute('aria-selected', 'false');
    this.active = index;
    const option = this.list.children[index];
    if (!option) {
      this.options.input.removeAttribute('aria-activedescendant');
      return;
    }
    option.setAttribute('aria-selected', 'true');
    option.scrollIntoView({ block: 'nearest' });
    this.options.input.setAttribute('aria-activedescendant', option.id);
  }

  private choose(index: number): void {
    const chosen = this.shown[index]!;
    this.close();
    this.options.choose(chosen);
  }
}
