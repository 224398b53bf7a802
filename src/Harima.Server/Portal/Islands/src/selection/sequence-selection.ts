// <sequence-selection>: around the download table. Its checkboxes carry data-id and data-size.
import { button, h, setText } from '../page/dom';
import { bytes, integer, Texts } from '../page/texts';
import { query, Selection, writeCommand, type CommandTemplate } from './selection';

// As many as an archive and a bulk change take.
const MostSelected = 1000;
const PageLength = 500;

// Longer addresses are cut by proxies. Below it a plain link is used: the browser can resume that, a form it cannot.
const LongestQuery = 6000;

export class SequenceSelection extends HTMLElement {
  private texts!: Texts;
  private selection!: Selection;
  private boxes: HTMLInputElement[] = [];
  private all: HTMLInputElement | null = null;
  private last = -1;
  private readonly total = h('p', { class: 'selection-total', role: 'status', 'aria-live': 'polite' });
  private readonly everything = h('p', { class: 'selection-everything', hidden: true });
  private bar!: HTMLElement;

  // Everything that was found is meant, more than is kept as a selection: only what a question can be given to works on it.
  private found = false;

  connectedCallback(): void {
    if (this.bar) {
      return;
    }
    this.texts = Texts.of(this);
    this.selection = new Selection(sessionStorage);
    this.boxes = [...this.querySelectorAll<HTMLInputElement>('input[type=checkbox][data-id]')];
    this.all = this.querySelector<HTMLInputElement>('input[type=checkbox][data-all]');
    this.boxes.forEach((box, index) => box.addEventListener('click', (event) => this.clicked(box, index, event)));
    this.all?.addEventListener('change', () => this.selectPage(this.all!.checked));
    this.build();
    this.refresh();
  }

  private build(): void {
    const t = this.texts;
    this.bar = h(
      'section',
      { class: 'selection-bar', 'aria-label': t.get('selectionLabel') },
      this.total,
      h(
        'div',
        { class: 'selection-actions' },
        button('btn btn-primary', t.get('downloadZip'), () => this.download('zip'), 'download'),
        button('btn btn-outline-primary', t.get('downloadTar'), () => this.download('tar')),
        button('btn btn-outline-primary', t.get('copyCommand'), () => this.showCommands(this.selection.ids), 'terminal'),
        ...(this.dataset['bulk'] ? [button('btn btn-outline-primary', t.get('changeMetadata'), () => this.changeMetadata())] : []),
        button('btn btn-link', t.get('clear'), () => this.clear()),
      ),
    );
    // What takes no more than the limit; a command and a change take more, the change everything that was found too.
    const actions = this.bar.querySelectorAll('.selection-actions button');
    for (const index of [0, 1]) {
      actions[index]?.setAttribute('data-limited', '');
    }
    for (const index of [0, 1, 2]) {
      actions[index]?.setAttribute('data-named', '');
    }
    this.append(this.bar);
    (this.querySelector('.table-frame') ?? this.querySelector('.result-cards'))?.before(this.everything);
    for (const opener of this.querySelectorAll<HTMLElement>('[data-copy-command]')) {
      opener.addEventListener('click', () => this.showCommands([opener.dataset['copyCommand']!]));
    }
  }

  private clicked(box: HTMLInputElement, index: number, event: MouseEvent): void {
    this.found = false;
    const [from, to] = event.shiftKey && this.last >= 0 ? [Math.min(this.last, index), Math.max(this.last, index)] : [index, index];
    for (const each of this.boxes.slice(from, to + 1)) {
      this.put(each, box.checked);
    }
    this.last = index;
    this.refresh();
  }

  private selectPage(selected: boolean): void {
    this.found = false;
    for (const box of this.boxes) {
      this.put(box, selected);
    }
    this.refresh();
  }

  private put(box: HTMLInputElement, selected: boolean): void {
    this.selection.set(box.dataset['id']!, Number(box.dataset['size'] ?? 0), selected);
  }

  private clear(): void {
    this.found = false;
    this.selection.clear();
    this.refresh();
    (this.all ?? this.boxes[0])?.focus();
  }

  private refresh(): void {
    const { count, sizeBytes } = this.selection;
    for (const box of this.boxes) {
      box.checked = this.selection.has(box.dataset['id']!);
      box.closest('tr, li')?.classList.toggle('selected', box.checked);
    }
    if (this.all) {
      const checked = this.boxes.filter((box) => box.checked).length;
      this.all.checked = checked > 0 && checked === this.boxes.length;
      this.all.indeterminate = checked > 0 && checked < this.boxes.length;
    }
    this.offerEverything();
    this.bar.hidden = count === 0;
    const text = count === 0 ? '' : this.texts.get('selected', { count, size: bytes(sizeBytes) });
    const limit = count >= MostSelected ? ` · ${this.texts.get(count > MostSelected ? 'tooMany' : 'limit', { most: MostSelected })}` : '';
    setText(this.total, this.found ? `${this.texts.get('foundSelected', { total: this.totalText })} ${this.texts.get('foundLimit', { most: MostSelected })}` : text + limit);
    this.total.classList.toggle('over', !this.found && count > MostSelected);
    for (const control of this.bar.querySelectorAll<HTMLButtonElement>('[data-named]')) {
      control.disabled = this.found || (count > MostSelected && 'limited' in control.dataset);
    }
  }

  private get totalText(): string {
    return `${integer(Number(this.dataset['total'] ?? 0))}${'more' in this.dataset ? '+' : ''}`;
  }

  /** Where the whole page is selected and there is more, the rest is one click away. */
  private offerEverything(): void {
    const total = Number(this.dataset['total'] ?? 0);
    const isWholePage = this.boxes.length > 0 && this.boxes.every((box) => box.checked);
    const most = Math.min(total, MostSelected);
    const isAll = total <= MostSelected && !('more' in this.dataset);
    this.everything.hidden = !(isWholePage && total > this.boxes.length);
    if (this.everything.hidden) {
      return;
    }
    if (this.found) {
      setText(this.everything, this.texts.get('foundSelected', { total: this.totalText }));
      return;
    }
    const found = this.dataset['found'] && !isAll ? [' ', button('btn btn-link btn-sm', this.texts.get('selectFound', { total: this.totalText }), () => this.selectFound())] : [];
    if (this.selection.count >= most) {
      // Said plainly: what is selected is not all that was found.
      this.everything.replaceChildren(this.texts.get(isAll ? 'allSelected' : 'firstSelected', { count: this.selection.count, total: this.totalText, most: MostSelected }), ...found);
      return;
    }
    const more = button('btn btn-link btn-sm', this.texts.get(isAll ? 'selectAll' : 'selectFirst', { count: most }), () => void this.selectEverything(most, more));
    this.everything.replaceChildren(this.texts.get('pageSelected', { count: this.boxes.length }), ' ', more, ...found);
  }

  private selectFound(): void {
    this.found = true;
    this.refresh();
    // The button that was pressed is gone.
    this.bar.querySelector<HTMLButtonElement>('.selection-actions button:not(:disabled)')?.focus();
  }

  private async selectEverything(most: number, control: HTMLButtonElement): Promise<void> {
    control.disabled = true;
    const found = new Map<string, number>();
    try {
      for (let cursor: string | null | undefined = ''; cursor != null && found.size < most; ) {
        const url = new URL(this.dataset['search'] ?? '', location.href);
        url.searchParams.set('limit', `${PageLength}`);
        if (cursor !== '') {
          url.searchParams.set('cursor', cursor);
        }
        const reply = await fetch(url, { credentials: 'same-origin', headers: { accept: 'application/json' } });
        if (!reply.ok) {
          throw new Error(`${reply.status}`);
        }
        const page = (await reply.json()) as { next?: string | null; items: { sequence: { proposalId: string; id: string; sizeBytes: number } }[] };
        for (const { sequence } of page.items) {
          found.set(`${sequence.proposalId}/${sequence.id}`, sequence.sizeBytes);
        }
        cursor = page.next;
      }
      this.selection.add([...found].slice(0, most));
      this.refresh();
    } catch {
      control.disabled = false;
      setText(control, this.texts.get('selectFailed'));
    }
  }

  private download(format: 'zip' | 'tar'): void {
    const { ids } = this.selection;
    const action = this.dataset['download'] ?? '/download';
    const short = query(ids);
    if (short.length <= LongestQuery) {
      location.assign(`${action}?format=${format}&${short}`);
      return;
    }
    const form = h('form', { method: 'post', action, hidden: true }, h('input', { name: 'format', value: format }));
    form.append(...ids.map((id) => h('input', { name: 's', value: id })));
    const token = document.querySelector<HTMLInputElement>('input[name="__RequestVerificationToken"]');
    if (token) {
      form.append(h('input', { name: token.name, value: token.value }));
    }
    document.body.append(form);
    form.submit();
    form.remove();
  }

  private changeMetadata(): void {
    if (this.found) {
      location.assign(this.dataset['found']!);
      return;
    }
    const short = query(this.selection.ids);
    // What would not fit into an address is read from where it is kept.
    location.assign(`${this.dataset['bulk']}?${short.length <= LongestQuery ? short : 'selection=1'}`);
  }

  private showCommands(ids: readonly string[]): void {
    const templates = JSON.parse(this.dataset['commands'] ?? '[]') as CommandTemplate[];
    const dialog = h('dialog', { class: 'command-dialog', 'aria-label': this.texts.get('copyCommand') });
    const close = button('btn btn-outline-secondary', this.texts.get('close'), () => dialog.close(), 'x');
    dialog.append(
      h('h2', { class: 'h5' }, this.texts.get('copyCommand')),
      h('p', { class: 'text-body-secondary' }, this.texts.get('commandsHint')),
      ...templates.map((template) => this.commandBlock(template, ids)),
      h('div', { class: 'dialog-buttons' }, close),
    );
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  private commandBlock(template: CommandTemplate, ids: readonly string[]): HTMLElement {
    const text = writeCommand(template, ids);
    const copy = h('copy-button' as 'span', { 'data-text': text, 'data-label': this.texts.get('copy'), 'data-done': this.texts.get('copied') });
    const note = template.note ? [h('p', { class: 'command-note' }, template.note)] : [];
    return h(
      'section',
      { class: 'command' },
      h('div', { class: 'command-head' }, h('h3', { class: 'h6' }, template.name), copy),
      ...note,
      h('pre', { tabindex: '0', 'aria-label': template.name }, h('code', {}, text)),
    );
  }
}
