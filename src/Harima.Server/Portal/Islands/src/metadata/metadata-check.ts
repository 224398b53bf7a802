// <metadata-check>: around a textarea of json. A file dropped or chosen fills it; it is checked while it is typed, and
// every error names line and column and jumps there.
import { button, h, icon, setText } from '../page/dom';
import { Texts } from '../page/texts';
import { positionOf, type CheckAnswer, type MetadataError } from './check';

const QuietMs = 350;
const LargestBytes = 4 * 1024 * 1024;

export class MetadataCheck extends HTMLElement {
  private texts!: Texts;
  private area!: HTMLTextAreaElement;
  private timer = 0;
  private asked = 0;
  private readonly verdict = h('p', { class: 'metadata-verdict', role: 'status', 'aria-live': 'polite' });
  private readonly errors = h('ul', { class: 'metadata-errors' });

  connectedCallback(): void {
    const area = this.querySelector('textarea');
    if (!area || this.area) {
      return;
    }
    this.area = area;
    this.texts = Texts.of(this);
    const picker = h('input', { type: 'file', accept: '.json,application/json', class: 'visually-hidden', tabindex: '-1', 'aria-hidden': 'true' });
    picker.addEventListener('change', () => void this.read(picker.files?.[0]).then(() => (picker.value = '')));
    const choose = button('btn btn-sm btn-outline-primary', this.texts.get('chooseJson'), () => picker.click());
    const tools = h('div', { class: 'metadata-tools' }, choose, h('span', { class: 'text-body-secondary' }, this.texts.get('orDropJson')), picker);
    area.before(tools);
    area.after(this.verdict, this.errors);
    area.spellcheck = false;
    this.errors.id = `${area.id}-errors`;
    area.setAttribute('aria-describedby', [area.getAttribute('aria-describedby'), this.errors.id].filter(Boolean).join(' '));
    area.addEventListener('input', () => this.soon());
    this.addEventListener('dragover', (event) => event.preventDefault());
    this.addEventListener('drop', (event) => {
      const file = event.dataTransfer?.files[0];
      if (file) {
        event.preventDefault(); // tells the upload around us that this one is taken
        void this.read(file);
      }
    });
    if (area.value.trim() !== '') {
      void this.check();
    }
  }

  private async read(file: File | undefined): Promise<void> {
    if (!file) {
      return;
    }
    if (file.size > LargestBytes) {
      this.say('tooLarge', false);
      return;
    }
    this.area.value = await file.text();
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
    if (text.trim() === '') {
      this.show(undefined);
      return;
    }
    try {
      const url = new URL(this.dataset['url'] ?? '/api/v1/metadata/check', location.href);
      if (this.dataset['kind']) {
        url.searchParams.set('kind', this.dataset['kind']);
      }
      const reply = await fetch(url, { method: 'POST', body: text, headers: { 'content-type': 'application/json', 'x-harima-csrf': '1' }, credentials: 'same-origin' });
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
    this.errors.replaceChildren(...(answer?.errors ?? []).slice(0, 100).map((error) => this.line(error)));
    if (!answer) {
      this.say('', undefined);
    } else if (answer.valid) {
      this.say('valid', true);
    } else {
      this.say('invalid', false, answer.errors.length);
    }
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
    return h('li', {}, jump, ...(error.path ? [h('code', {}, error.path), ' '] : []), error.message);
  }

  private jump(error: MetadataError): void {
    const at = positionOf(this.area.value, error.line, error.column);
    this.area.focus();
    this.area.setSelectionRange(at, Math.min(at + 1, this.area.value.length));
    const lineHeight = parseFloat(getComputedStyle(this.area).lineHeight) || 20;
    this.area.scrollTop = Math.max(0, (error.line - 3) * lineHeight);
  }
}
