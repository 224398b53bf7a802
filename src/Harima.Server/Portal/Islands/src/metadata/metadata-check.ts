// <metadata-check>: around a textarea of json, and perhaps a choice of schemas. A file dropped or chosen fills it; it is checked
// while it is typed, and every error names line and column and jumps there. Where a schema is chosen, its form stands beside
// the text and each changes the other.
import { button, h, icon, setText } from '../page/dom';
import { Texts } from '../page/texts';
import { positionOf, type CheckAnswer, type MetadataError } from './check';
import type { Schema } from './schema';
import { SchemaForm } from './schema-form';

const QuietMs = 350;
const LargestBytes = 4 * 1024 * 1024;

export interface MetadataStanding {
  /** Of the text. */
  readonly id: string;
  readonly missing: readonly string[];
  readonly errors: number;
  readonly hasSchema: boolean;
}

export class MetadataCheck extends HTMLElement {
  private texts!: Texts;
  private area!: HTMLTextAreaElement;
  private timer = 0;
  private asked = 0;
  private readonly verdict = h('p', { class: 'metadata-verdict', role: 'status', 'aria-live': 'polite' });
  private readonly errors = h('ul', { class: 'metadata-errors' });
  private readonly missing = h('div', { class: 'metadata-missing', hidden: true });
  private readonly formHolder = h('div', { class: 'schema-holder', hidden: true });
  private readonly language = document.documentElement.lang === 'ja' ? 'ja' : 'en';
  private views!: { form: HTMLButtonElement; json: HTMLButtonElement; bar: HTMLElement };
  private choice: HTMLSelectElement | null = null;
  private form: SchemaForm | undefined;
  private focusWanted = this.dataset['focus'];
  /** What a page begins with is nobody's mistake. */
  private untouched = this.hasAttribute('data-untouched');

  connectedCallback(): void {
    const area = this.querySelector('textarea');
    if (!area || this.area) {
      return;
    }
    this.area = area;
    this.untouched &&= area.value === area.defaultValue; // or somebody typed while this script was on its way
    this.texts = Texts.of(this);
    const picker = h('input', { type: 'file', accept: '.json,application/json', class: 'visually-hidden', tabindex: '-1', 'aria-hidden': 'true' });
    picker.addEventListener('change', () => void this.read(picker.files?.[0]).then(() => (picker.value = '')));
    const choose = button('btn btn-sm btn-outline-primary', this.texts.get('chooseJson'), () => picker.click());
    const tools = h('div', { class: 'metadata-tools' }, choose, h('span', { class: 'text-body-secondary' }, this.texts.get('orDropJson')), picker);
    area.before(tools);
    area.after(this.verdict, this.missing, this.errors);
    this.buildForm();
    area.spellcheck = false;
    this.errors.id = `${area.id}-errors`;
    area.setAttribute('aria-describedby', [area.getAttribute('aria-describedby'), this.errors.id].filter(Boolean).join(' '));
    area.addEventListener('input', () => {
      this.untouched = false;
      this.form?.fill();
      this.soon();
    });
    this.addEventListener('dragover', (event) => event.preventDefault());
    this.addEventListener('drop', (event) => {
      const file = event.dataTransfer?.files[0];
      if (file) {
        event.preventDefault(); // tells the upload around us that this one is taken
        void this.read(file);
      }
    });
    if (area.value.trim() !== '' && !this.untouched) {
      void this.check();
    }
  }

  private buildForm(): void {
    this.choice = this.querySelector('select[data-schema-choice]');
    const view = (name: 'form' | 'json') => button('btn btn-sm btn-outline-secondary', this.texts.get(name), () => this.showView(name));
    const [form, json] = [view('form'), view('json')];
    this.views = { form, json, bar: h('div', { class: 'schema-views btn-group', role: 'group', 'aria-label': this.texts.get('views'), hidden: true }, form, json) };
    this.area.before(this.views.bar, this.formHolder);
    this.choice?.addEventListener('change', () => void this.loadSchema());
    if (this.choice && this.choice.value !== '') {
      void this.loadSchema();
    }
  }

  private async loadSchema(): Promise<void> {
    const chosen = this.choice?.value ?? '';
    this.form = undefined;
    this.formHolder.replaceChildren();
    if (chosen !== '') {
      try {
        const reply = await fetch(`/api/v1/schemas/${chosen}`, { credentials: 'same-origin' });
        if (!reply.ok) {
          throw new Error(`${reply.status}`);
        }
        const schema = (await reply.json()) as Schema;
        if (chosen !== this.choice?.value) {
          return;
        }
        this.form = new SchemaForm(schema, this.language, this.texts, () => this.area.value, (text) => {
          this.untouched = false;
          this.area.value = text;
          this.area.dispatchEvent(new Event('change', { bubbles: true }));
          this.soon();
        });
        this.formHolder.replaceChildren(this.form.element);
        this.form.fill();
      } catch {
        this.say('cannotLoadSchema', undefined);
      }
    }
    this.views.bar.hidden = !this.form;
    this.showView(this.form ? 'form' : 'json');
    if (!this.untouched) {
      await this.check();
    }
    if (this.focusWanted && this.form?.focus(this.focusWanted)) {
      this.focusWanted = undefined;
    }
  }

  private showView(name: 'form' | 'json'): void {
    this.formHolder.hidden = name !== 'form' || !this.form;
    this.area.hidden = name === 'form' && this.form !== undefined;
    this.views.form.setAttribute('aria-pressed', String(name === 'form'));
    this.views.json.setAttribute('aria-pressed', String(name === 'json'));
    this.views.form.classList.toggle('active', name === 'form');
    this.views.json.classList.toggle('active', name === 'json');
  }

  private async read(file: File | undefined): Promise<void> {
    if (!file) {
      return;
    }
    if (file.size > LargestBytes) {
      this.say('tooLarge', false);
      return;
    }
    this.untouched = false;
    this.area.value = await file.text();
    this.form?.fill();
    this.area.dispatchEvent(new Event('change', { bubbles: true }));
    await this.check();
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.check(), QuietMs);
  }

  private async check(): Promise<void> {
    const text = this.area.value;
    const turn = ++this.asked;
    const chosen = this.choice?.value ?? '';
    if (text.trim() === '' && chosen === '') {
      this.show(undefined);
      return;
    }
    try {
      const url = new URL(this.dataset['url'] ?? '/api/v1/metadata/check', location.href);
      if (this.dataset['kind']) {
        url.searchParams.set('kind', this.dataset['kind']);
      }
      const [schema, version] = chosen.split('/');
      if (schema && version) {
        url.searchParams.set('schema', schema);
        url.searchParams.set('version', version);
      }
      // An empty document lacks what is required, and is none that cannot be stored.
      const reply = await fetch(url, { method: 'POST', body: text.trim() === '' ? '{}' : text, headers: { 'content-type': 'application/json', 'x-harima-csrf': '1' }, credentials: 'same-origin' });
      const answer = (await reply.json()) as CheckAnswer;
      // An answer to what was typed before the last key is no longer of interest.
      if (turn === this.asked && reply.ok) {
        this.show(answer);
      }
    } catch {
      this.say('cannotCheck', undefined);
    }
  }

  private show(answer: CheckAnswer | undefined): void {
    this.tell(answer);
    this.errors.replaceChildren(...(answer?.errors ?? []).slice(0, 100).map((error) => this.line(error)));
    this.showMissing(answer?.missing ?? []);
    this.form?.showErrors([...(answer?.errors ?? []), ...(answer?.missing ?? [])], this.language);
    if (!answer) {
      this.say('', undefined);
    } else if (answer.valid) {
      this.say(this.form ? 'validSchema' : 'valid', true);
    } else if (answer.errors.length === 0) {
      // Nothing is wrong: a draft may lack what is still to come.
      this.say('draft', undefined);
    } else {
      this.say('invalid', false, answer.errors.length);
    }
  }

  /** For whoever on the page says what is still to come before something is sent. */
  private tell(answer: CheckAnswer | undefined): void {
    const missing = (answer?.missing ?? []).map((one) => (this.language === 'ja' ? one.labelJa : one.label) ?? one.path ?? '');
    const detail: MetadataStanding = { id: this.area.id, missing, errors: answer?.errors.length ?? 0, hasSchema: (this.choice?.value ?? '') !== '' };
    this.dispatchEvent(new CustomEvent('metadata-standing', { bubbles: true, detail }));
  }

  private showMissing(missing: readonly MetadataError[]): void {
    this.missing.hidden = missing.length === 0;
    const links = missing.slice(0, 50).map((one) => {
      const name = (this.language === 'ja' ? one.labelJa : one.label) ?? (one.path ?? '').replace(/^\$\.?/, '');
      const link = button('btn btn-link btn-sm metadata-jump', name, () => {
        this.showView('form');
        if (!this.form?.focus(one.path ?? '')) {
          this.jump(one);
        }
      });
      link.title = one.path ?? '';
      return h('li', {}, link);
    });
    this.missing.replaceChildren(h('p', {}, this.texts.get('missing', { count: missing.length })), h('ul', {}, ...links));
  }

  private say(key: string, good: boolean | undefined, count = 0): void {
    this.area.setAttribute('aria-invalid', String(good === false));
    this.area.classList.toggle('is-invalid', good === false);
    this.verdict.dataset['good'] = String(good ?? '');
    const text = key === '' ? '' : this.texts.get(key, { count });
    if (good === undefined) {
      setText(this.verdict, text);
    } else {
      this.verdict.replaceChildren(icon(good ? 'check' : 'failed'), text);
    }
  }

  private line(error: MetadataError): HTMLElement {
    const where = this.texts.get('lineColumn', { line: error.line, column: error.column });
    const jump = button('btn btn-link btn-sm metadata-jump', where, () => this.jump(error));
    const message = this.language === 'ja' ? error.messageJa ?? error.message : error.message;
    return h('li', {}, jump, ...(error.path ? [h('code', {}, error.path), ' '] : []), message);
  }

  private jump(error: MetadataError): void {
    this.showView('json');
    const at = positionOf(this.area.value, error.line, error.column);
    this.area.focus();
    this.area.setSelectionRange(at, Math.min(at + 1, this.area.value.length));
    const lineHeight = parseFloat(getComputedStyle(this.area).lineHeight) || 20;
    this.area.scrollTop = Math.max(0, (error.line - 3) * lineHeight);
  }
}
